const { start, open } = require('./mount')
test('x', async () => {
  start(null)
  const seen = await open('packages/licence/verify')
  process.stdout.write(JSON.stringify({...seen, html: seen.html.slice(0,3000)}, null, 1))
})
