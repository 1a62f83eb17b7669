import type { PDFDocumentProxy } from 'pdfjs-dist'

type PdfJs = typeof import('pdfjs-dist')

let library: Promise<PdfJs> | null = null

/** pdf.js and its worker are fetched when the first file is opened, from our own server. */
export function pdfjs(): Promise<PdfJs> {
  library ??= (async () => {
    const [module, { default: PdfWorker }] = await Promise.all([
      import('pdfjs-dist/legacy/build/pdf.min.mjs') as unknown as Promise<PdfJs>,
      import('pdfjs-dist/legacy/build/pdf.worker.min.mjs?worker'),
    ])
    module.GlobalWorkerOptions.workerPort = new PdfWorker()
    return module
  })()
  return library
}

/** Opens a file that strangers made: no scripts, no forms of its own, no code built at run time, nothing fetched from elsewhere. */
export async function openPdf(file: Blob): Promise<PDFDocumentProxy> {
  const { getDocument } = await pdfjs()
  const base = new URL(`${import.meta.env.BASE_URL}pdf/`, window.location.origin).href
  return getDocument({
    data: await file.arrayBuffer(),
    cMapUrl: `${base}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${base}fonts/`,
    wasmUrl: `${base}decoders/`,
    useWasm: false,
    isEvalSupported: false,
    enableXfa: false,
    stopAtErrors: false,
    enableHWA: true,
    // Scans beyond this many bytes of pixels are made smaller in the worker, before they reach the page.
    canvasMaxAreaInBytes: 32 * 1024 * 1024,
    maxImageSize: 64 * 1024 * 1024,
    verbosity: 0,
  }).promise
}
