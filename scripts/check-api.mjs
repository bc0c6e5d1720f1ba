// The public names and types of each entry, held to the reports in test/package/api: a change of what users compile against is seen in review.
// `npm run check:api` compares what was built, `-- --update` writes.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { toolFolder } from './tool-folder.mjs'

const root = dirname(import.meta.dirname)
const reports = join(root, 'test/package/api')
const update = process.argv.includes('--update')

// It reads types through the API of a TypeScript before 7, and brings its own.
const directory = toolFolder('api', '@microsoft/api-extractor@7')
const { Extractor, ExtractorConfig } = createRequire(join(directory, 'package.json'))('@microsoft/api-extractor')

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const none = { default: { logLevel: 'none' } }
const changed = []
for (const [name, target] of Object.entries(manifest.exports)) {
  if (typeof target === 'string') continue
  const reportFileName = name === '.' ? 'cqlwire' : name.slice(2)
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, target.types),
      compiler: { overrideTsconfig: { compilerOptions: { target: 'es2022', lib: ['es2023', 'esnext.disposable'], module: 'nodenext', moduleResolution: 'nodenext', strict: true, types: ['node'], skipLibCheck: true }, files: [join(root, target.types)] } },
      apiReport: { enabled: true, reportFileName, reportFolder: reports, reportTempFolder: join(directory, 'reports') },
      docModel: { enabled: false }, dtsRollup: { enabled: false }, tsdocMetadata: { enabled: false },
      messages: { compilerMessageReporting: none, extractorMessageReporting: none, tsdocMessageReporting: none },
      newlineKind: 'lf',
    },
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
  })
  const { apiReportChanged } = Extractor.invoke(config, { localBuild: update, messageCallback: (message) => { message.handled = true } })
  if (apiReportChanged) changed.push(reportFileName)
}
if (changed.length > 0) {
  console.log(`${update ? 'written' : 'not what the reports say'}: ${changed.join(', ')}`)
  if (!update) {
    for (const name of changed) {
      try {
        execFileSync('diff', ['-u', join(reports, `${name}.api.md`), join(directory, 'reports', `${name}.api.md`)], { stdio: 'inherit' })
      } catch { /* they differ */ }
    }
    console.log('A change that is meant: npm run check:api -- --update')
    process.exitCode = 1
  }
} else console.log(`the public types of ${Object.keys(manifest.exports).length - 1} entries are what test/package/api says`)
