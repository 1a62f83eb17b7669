'use strict'
const fs = require('fs')
const path = require('path')
const pages = require('./pages')

test('every page of the application is opened by a test', () => {
  const app = JSON.parse(fs.readFileSync(path.join(process.env.WEAPP_DIR, 'app.json'), 'utf8'))
  const declared = [...app.pages, ...app.subPackages.flatMap((part) => part.pages.map((page) => `${part.root}/${page}`))]
  const opened = new Set(Object.values(pages).flat().map((row) => row.route))
  expect(declared.filter((page) => !opened.has(page))).toEqual([])
  expect(declared.length).toBeGreaterThan(30)
})
