'use strict'
// Start the built mini-program in WeChat's simulator and open its pages one after the other.
const path = require('path')
const simulate = require('miniprogram-simulate')
const simulator = require('miniprogram-simulate/src/utils')
const phone = require('./phone')

/** WeChat's own template compiler is a program for this kind of machine; elsewhere the simulator's own will do. */
const COMPILER = process.platform === 'linux' && process.arch !== 'x64' ? 'simulate' : 'official'
const ROOT = path.resolve(process.env.WEAPP_DIR)
const stack = []
const moves = []
let application = null

const declared = new Map()
/** A component file runs once in a program. The simulator runs it for each page, which Jest's own module table would not allow. */
simulator.runJs = (file) => {
  const known = declared.get(file)
  if (known) return known.forEach((options) => global.Component(options))
  const register = global.Component
  const told = []
  global.Component = (options) => {
    told.push(options)
    register(options)
  }
  require(`${file}.js`)
  global.Component = register
  declared.set(file, told)
}

function watch(kind) {
  const before = console[kind]
  console[kind] = (...words) => {
    phone.complaints.push(`${kind}: ${words.map(String).join(' ').slice(0, 400)}`)
    if (process.env.WEAPP_LOUD) before(...words)
  }
}

/** `session` is what the phone remembers of the login; null for a stranger. */
function start(session) {
  if (session) phone.storage.set('zt.session', JSON.stringify(session))
  Object.assign(global.wx, phone.own)
  for (const move of ['navigateTo', 'redirectTo', 'reLaunch', 'switchTab', 'navigateBack']) {
    global.wx[move] = (options = {}) => {
      moves.push(`${move} ${options.url ?? ''}`)
      options.success?.({})
      options.complete?.({})
    }
  }
  global.App = (options) => {
    application = options
    options.onLaunch?.({ path: '', query: {}, scene: 1001 })
    options.onShow?.({ path: '', query: {}, scene: 1001 })
  }
  global.getApp = () => application
  global.getCurrentPages = () => stack
  global.Page = global.Component
  watch('error')
  watch('warn')
  require(path.join(ROOT, 'app.js'))
}

async function open(route, query = {}) {
  phone.complaints.length = phone.asked.length = moves.length = stack.length = 0
  const id = simulate.load(path.join(ROOT, route), 'page', { rootPath: ROOT, compiler: COMPILER })
  const page = simulate.render(id)
  const { instance } = page
  Object.assign(instance, { route, options: query })
  stack.push(instance)
  page.attach(document.body.appendChild(document.createElement('div')))
  instance.onLoad?.(query)
  instance.onShow?.()
  page.triggerLifeTime('ready')
  instance.onReady?.()
  await phone.settled()
  const shown = { text: page.dom.textContent, html: page.dom.outerHTML, asked: [...phone.asked], complaints: [...phone.complaints], moves: [...moves] }
  instance.onHide?.()
  instance.onUnload?.()
  page.detach()
  return shown
}

module.exports = { start, open, ROOT }
