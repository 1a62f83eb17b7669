'use strict'
// A phone with WeChat, simulated: the APIs that the mini-program calls, with `wx.request` answered by the running hall.
const fs = require('fs')
const http = require('http')
const os = require('os')
const path = require('path')

const SERVER = new URL(process.env.WEAPP_SERVER)
const BUILT_FOR = 'http://127.0.0.1:8000'
const TEMPORARY = fs.mkdtempSync(path.join(os.tmpdir(), 'weapp-'))

const storage = new Map()
const asked = []
const complaints = []
let pending = 0
let lastAt = 0

function exchange({ url, method = 'GET', data, header = {} }) {
  const at = new URL(url)
  asked.push(`${method} ${at.pathname}`)
  if (at.origin !== BUILT_FOR) complaints.push(`asked ${at.origin}`)
  const isJson = data && !(data instanceof ArrayBuffer) && typeof data === 'object'
  const body = method === 'GET' || data === undefined ? undefined : Buffer.from(isJson ? JSON.stringify(data) : data)
  const headers = { ...header, ...(isJson && body ? { 'Content-Type': 'application/json' } : {}), ...(body ? { 'Content-Length': body.length } : {}) }
  pending += 1
  return new Promise((resolve, reject) => {
    const sent = http.request({ host: SERVER.hostname, port: SERVER.port, path: at.pathname + at.search, method, headers }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('end', () => resolve({ statusCode: answer.statusCode, header: answer.headers, body: Buffer.concat(parts) }))
    })
    sent.on('error', reject)
    sent.end(body)
  }).finally(() => {
    pending -= 1
    lastAt = Date.now()
  })
}

function request(options) {
  exchange(options).then(
    ({ statusCode, header, body }) => {
      if (statusCode >= 500) complaints.push(`${statusCode} of ${options.url}: ${body}`)
      options.success?.({ statusCode, header, cookies: [], errMsg: 'request:ok', data: options.responseType === 'arraybuffer' ? new Uint8Array(body).buffer : body.toString() })
      options.complete?.({})
    },
    (error) => {
      options.fail?.({ errMsg: `request:fail ${error}` })
      options.complete?.({})
    },
  )
  return { abort() {}, onHeadersReceived() {}, offHeadersReceived() {}, onChunkReceived() {} }
}

function downloadFile(options) {
  exchange(options).then(({ statusCode, body }) => {
    const tempFilePath = path.join(TEMPORARY, `${asked.length}`)
    fs.writeFileSync(tempFilePath, body)
    options.success?.({ statusCode, tempFilePath, filePath: tempFilePath, errMsg: 'downloadFile:ok' })
  }, options.fail)
  return { abort() {}, onProgressUpdate() {} }
}

const system = { SDKVersion: '3.8.0', version: '8.0.50', platform: 'ios', brand: 'devtools', model: 'iPhone', language: 'zh_CN', theme: 'light', windowWidth: 390, windowHeight: 844, screenWidth: 390, screenHeight: 844, pixelRatio: 3, statusBarHeight: 47, fontSizeSetting: 16, fontSizeScaleFactor: 1, safeArea: { top: 47, left: 0, right: 390, bottom: 810, width: 390, height: 763 } }
const canvas = () => new Proxy(() => undefined, { get: (_, name) => (name === Symbol.toPrimitive ? () => '' : canvas()), apply: () => canvas() })

/** Of a list of things that are watched, the first is on the screen. */
const firstInView = {
  relativeTo: () => firstInView,
  relativeToViewport: () => firstInView,
  observe: (_selector, react) => void setTimeout(() => react({ intersectionRatio: 1, dataset: { number: '1' } }), 0),
  disconnect() {},
}

/** WeChat's calls answer by callback, and by promise when no callback is given. */
const does = (value = {}) => (options = {}) => {
  options.success?.(value)
  options.complete?.(value)
  return Promise.resolve(value)
}

/** What this phone does instead of the simulator's stand-ins. */
const own = {
  request,
  downloadFile,
  getStorageSync: (key) => (storage.has(key) ? storage.get(key) : ''),
  setStorageSync: (key, value) => void storage.set(key, value),
  removeStorageSync: (key) => void storage.delete(key),
  getStorageInfoSync: () => ({ keys: [...storage.keys()], currentSize: 1, limitSize: 10240 }),
  getSystemInfoSync: () => system,
  getWindowInfo: () => system,
  getDeviceInfo: () => system,
  getAppBaseInfo: () => system,
  getSystemSetting: () => ({}),
  getMenuButtonBoundingClientRect: () => ({ top: 51, bottom: 83, left: 296, right: 383, width: 87, height: 32 }),
  getAccountInfoSync: () => ({ miniProgram: { envVersion: 'develop' } }),
  getLaunchOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
  getEnterOptionsSync: () => ({ path: '', query: {}, scene: 1001 }),
  getLocale: () => 'zh-Hans',
  canIUse: () => true,
  onNetworkStatusChange() {},
  offNetworkStatusChange() {},
  onThemeChange() {},
  onKeyboardHeightChange() {},
  onAppShow() {},
  onNeedPrivacyAuthorization() {},
  requirePrivacyAuthorize: does(),
  getSetting: does({ authSetting: {} }),
  getScreenBrightness: does({ value: 0.5 }),
  setNavigationBarTitle: does(),
  setNavigationBarColor: does(),
  login: does({ code: 'none' }),
  setKeepScreenOn: does(),
  setScreenBrightness: does(),
  stopPullDownRefresh: does(),
  pageScrollTo: does(),
  createCameraContext: canvas,
  createSelectorQuery: canvas,
  createIntersectionObserver: () => firstInView,
  createInnerAudioContext: canvas,
  getFileSystemManager: () => ({ ...fs, access: ({ fail }) => fail?.({}), readFile: ({ filePath, success }) => success({ data: new Uint8Array(fs.readFileSync(filePath)).buffer }) }),
  env: { USER_DATA_PATH: TEMPORARY },
}

/** Until nothing has been asked for a while. */
async function settled(quiet = 250, longest = 20000) {
  const end = Date.now() + longest
  lastAt = Date.now()
  while (Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 25))
    if (pending === 0 && Date.now() - lastAt > quiet) return
  }
  complaints.push('the page never came to rest')
}

module.exports = { own, storage, asked, complaints, settled }
