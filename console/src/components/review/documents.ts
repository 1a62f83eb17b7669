import { file } from '@/api/client'
import type { ClerkCase } from '@/api/types'

/** One file of a case, as the list and the viewer need it. */
export interface CaseDocument {
  id: string
  title: string
  note: string
  path: string
  /** Materials are ticked off one by one; what the hall itself made is not. */
  isMaterial: boolean
}

const KINDS: Record<string, string> = { 'application/pdf': 'PDF', 'image/jpeg': '照片', 'image/png': '图片' }

export function documentsOf(found: ClerkCase): CaseDocument[] {
  const base = `/api/clerk/cases/${found.id}`
  const documents: CaseDocument[] = []
  if (found.licence_id) {
    const path = `/api/clerk/licences/${found.licence_id}/licence.pdf`
    documents.push({ id: 'licence', title: '证照', note: '已盖章', path, isMaterial: false })
  }
  documents.push({
    id: 'commitment',
    title: '申请书和承诺书',
    note: '申请人已签名',
    path: `${base}/commitment.pdf`,
    isMaterial: false,
  })
  for (const material of found.materials) {
    const pages = material.pages > 1 ? `，${material.pages} 页` : ''
    documents.push({
      id: material.id,
      title: material.name,
      note: `${KINDS[material.media_type] ?? '文件'}${pages} · ${material.filename}`,
      path: `${base}/materials/${material.id}`,
      isMaterial: true,
    })
  }
  return documents
}

const KEPT_FILES = 8

/** Files that were fetched, for as long as the case is open: every fetch of a material is recorded as a look, so none is fetched twice. */
export function fileShelf(): (path: string) => Promise<Blob> {
  const shelf = new Map<string, Blob>()
  return async (path) => {
    const kept = shelf.get(path)
    if (kept) return kept
    const blob = await file(path)
    shelf.set(path, blob)
    const oldest = shelf.keys().next().value
    if (shelf.size > KEPT_FILES && oldest !== undefined) shelf.delete(oldest)
    return blob
  }
}
