/** Everything in which WeChat and a browser differ. Pages and stores know only this. */

/** A file on the phone: a path in WeChat, an object URL with its Blob in a browser. */
export interface LocalFile {
  path: string
  name: string
  size: number
  type: string
  blob?: Blob
}

export interface SentFile {
  status: number
  body: string
  headers: Record<string, string>
}

/** As much of an address as a person has told WeChat. */
export type KnownAddress = Record<'name' | 'phone' | 'province' | 'city' | 'county' | 'address', string>

export interface Platform {
  readonly name: 'weapp' | 'browser'
  /** A code for the server's login; null when the person must choose on the login page first (a browser has no WeChat). */
  loginCode(): Promise<string | null>
  /** Photographs or files, at most `count`; an empty list when the person changed their mind. */
  choose(count: number, accepts: string[]): Promise<LocalFile[]>
  /** A photograph made to fit `maxBytes` and 2,560 px, as JPEG when it is of a rarer kind; other files come back as they are. */
  shrink(file: LocalFile, maxBytes: number): Promise<LocalFile>
  bytes(file: LocalFile): Promise<Uint8Array>
  /** Keep a file over the end of the app; `id` names it. The answer stands for it and can be stored as JSON. */
  keepFile(id: string, file: LocalFile): Promise<LocalFile>
  /** A kept file with its content; null when the phone has cleaned it away. */
  keptFile(file: LocalFile): Promise<LocalFile | null>
  dropFile(file: LocalFile): Promise<void>
  /** Send one file as multipart; `progress` is told percents. Rejects with Offline. */
  upload(path: string, field: string, file: LocalFile, headers: Record<string, string>, progress: (percent: number) => void): Promise<SentFile>
  /** A file of the server, behind the login, as something an image can show. */
  picture(path: string, headers: Record<string, string>): Promise<string>
  /** Open a PDF of the server for reading or keeping. */
  openDocument(path: string, name: string, headers: Record<string, string>): Promise<void>
  /** Read a QR code; null when the person gave up. In a browser the page itself shows the camera (ZScanner). */
  scan(): Promise<string | null>
  canScanNatively: boolean
  /** WeChat asks for consent to its privacy guide before the camera or the album may be used; true when given. */
  askPrivacy(): Promise<boolean>
  /** Ask, from a tap, whether these messages may be sent; the template ids that were accepted. */
  askMessages(templateIds: string[]): Promise<string[]>
  canChooseAddress: boolean
  /** One of the addresses that WeChat knows; null when the person changed their mind. A browser fills addresses in by itself. */
  chooseAddress(): Promise<KnownAddress | null>
  copy(text: string): Promise<void>
  vibrate(): void
  /** While somebody else reads a code off this screen it must not go dark. */
  keepScreenOn(isOn: boolean): void
}

export class CameraDenied extends Error {
  constructor() {
    super('没有打开相机的权限')
    this.name = 'CameraDenied'
  }
}
