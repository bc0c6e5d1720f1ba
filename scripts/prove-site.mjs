// Opens the guides, the entries and a tenth of the reference in Chromium, on a desk and on a phone: no error in a script, nothing that does not load, nothing wider than the screen; searches; and follows every link of every page. `npm run prove:site`
import { createServer } from 'node:http'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toolFolder } from './tool-folder.mjs'

const directory = toolFolder('site', '@sparticuz/chromium', 'puppeteer-core')
const pages = join(directory, 'pages')
const load = async (file) => import(pathToFileURL(join(directory, 'node_modules', file)).href)
const { default: puppeteer } = await load('puppeteer-core/lib/esm/puppeteer/puppeteer-core.js').catch(() => load('puppeteer-core/lib/puppeteer/puppeteer-core.js'))
const { default: chromium } = await load('@sparticuz/chromium/build/esm/index.js').catch(() => load('@sparticuz/chromium/build/index.js'))

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }
const isFile = (path) => existsSync(path) && statSync(path).isFile()
const server = createServer(({ url }, response) => {
  const path = join(pages, decodeURIComponent(new URL(url, 'http://x').pathname))
  if (!isFile(path)) return void response.writeHead(404).end()
  response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(readFileSync(path))
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const origin = `http://127.0.0.1:${server.address().port}`

const faults = []
const links = new Set()
const files = readdirSync(pages, { recursive: true }).filter((file) => file.endsWith('.html')).sort()
for (const file of files) {
  for (const [, href] of readFileSync(join(pages, file), 'utf8').matchAll(/<a [^>]*?href="([^"#]+)/g)) {
    const url = new URL(href.replaceAll('&amp;', '&'), `${origin}/${encodeURI(file)}`)
    if (url.origin === origin) links.add(url.pathname)
  }
}
for (const link of links) if (!isFile(join(pages, decodeURIComponent(link)))) faults.push(`a link leads to ${link}, which is not there`)
const shown = files.filter((file, number) => !file.includes('/') || /^(documents|modules)\//.test(file) || number % 10 === 0)
const browser = await puppeteer.launch({ executablePath: await chromium.executablePath(), args: ['--no-sandbox'], headless: 'shell' })
try {
  const page = await browser.newPage()
  let at = ''
  page.on('pageerror', (error) => faults.push(`${at}: ${error.message}`))
  page.on('response', (response) => { if (response.status() >= 400 && !response.url().endsWith('favicon.ico')) faults.push(`${at}: ${response.status()} for ${response.url()}`) })
  for (const [number, file] of shown.entries()) {
    at = file
    await page.setViewport({ width: 1280, height: 900 })
    await page.goto(`${origin}/${encodeURI(file)}`, { waitUntil: 'load' })
    await page.setViewport({ width: 390, height: 844 })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    if (wide > 0) faults.push(`${file}: ${wide} pixels wider than a phone`)
    if (number % 20 === 19) console.log(`${number + 1} of ${shown.length} pages`)
  }

  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(`${origin}/index.html`, { waitUntil: 'networkidle0' })
  await page.click('#tsd-search-trigger')
  await page.type('#tsd-search-input', 'NoNodeAvailable')
  await page.waitForSelector('#tsd-search-results li a', { timeout: 10_000 })
  const found = await page.$$eval('#tsd-search-results li a', (anchors) => anchors.map(({ href }) => href))
  if (!found.some((href) => href.includes('NoNodeAvailableError'))) faults.push(`the search for NoNodeAvailable finds ${found.join(', ')}`)
  writeFileSync(join(directory, 'search.png'), await page.screenshot())
} finally {
  await browser.close()
  server.close()
}
for (const fault of faults.slice(0, 30)) console.error(fault)
console.log(`${shown.length} of ${files.length} pages opened, ${links.size} links followed, ${faults.length} faults`)
process.exit(faults.length > 0 ? 1 : 0)
