'use strict'
// Compile every template of the build with WeChat's own template compiler; any warning or error is told and fails.
const fs = require('fs')
const path = require('path')
const { TmplGroup } = require('glass-easel-template-compiler')

function templates(folder, below = '') {
  return fs.readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.posix.join(below, entry.name)
    if (entry.isDirectory()) return templates(folder, name)
    return name.endsWith('.wxml') ? [name] : []
  })
}

const root = process.env.WEAPP_DIR
if (!root) throw new Error('WEAPP_DIR must name the folder of the WeChat build')
const names = templates(root)
const group = new TmplGroup()
const complaints = names.flatMap((name) => group.addTmpl(name.replace(/\.wxml$/, ''), fs.readFileSync(path.join(root, name), 'utf8')).map((one) => `${name}: ${JSON.stringify(one)}`))
for (const complaint of complaints) console.log(complaint)
console.log(`${names.length} templates, ${complaints.length} complaints`)
process.exit(names.length > 0 && complaints.length === 0 ? 0 : 1)
