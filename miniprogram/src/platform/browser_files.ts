/** Files that wait to be sent, as Blobs in IndexedDB: they survive a closed tab. Where it is forbidden (a private window), in memory. */
import type { LocalFile } from './types'

const STORE = 'files'
const PREFIX = 'kept:'
const memory = new Map<string, Blob>()
let opened: Promise<IDBDatabase | null> | null = null

function database(): Promise<IDBDatabase | null> {
  opened ??= new Promise((resolve) => {
    try {
      const asking = indexedDB.open('zerotrip-files', 1)
      asking.onupgradeneeded = () => asking.result.createObjectStore(STORE)
      asking.onsuccess = () => resolve(asking.result)
      asking.onerror = asking.onblocked = () => resolve(null)
    } catch {
      resolve(null)
    }
  })
  return opened
}

/** The answer of one request; undefined when the database cannot. */
async function ask<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
  const base = await database()
  if (!base) return undefined
  return new Promise((resolve) => {
    try {
      const work = base.transaction(STORE, mode)
      const asked = act(work.objectStore(STORE))
      work.oncomplete = () => resolve(asked.result)
      work.onerror = work.onabort = () => resolve(undefined)
    } catch {
      resolve(undefined)
    }
  })
}

export async function keepFile(id: string, file: LocalFile): Promise<LocalFile> {
  const blob = file.blob as Blob
  const done = await ask('readwrite', (store) => store.put(blob, id))
  if (done === undefined) memory.set(id, blob)
  if (file.path.startsWith('blob:')) URL.revokeObjectURL(file.path)
  return { path: PREFIX + id, name: file.name, size: file.size, type: file.type }
}

export async function keptFile(file: LocalFile): Promise<LocalFile | null> {
  const id = file.path.slice(PREFIX.length)
  const blob = memory.get(id) ?? (await ask<Blob | undefined>('readonly', (store) => store.get(id) as IDBRequest<Blob | undefined>))
  return blob ? { ...file, blob } : null
}

export async function dropFile(file: LocalFile): Promise<void> {
  const id = file.path.slice(PREFIX.length)
  memory.delete(id)
  await ask('readwrite', (store) => store.delete(id))
}
