// Publishes what is checked out, with a statement of where it was built (npm provenance). `node scripts/release.mjs [--dry-run]`
//
// Runs in a CI job that npm trusts (GitHub Actions with `id-token: write`, GitLab with SIGSTORE_ID_TOKEN), on the commit of the tag v<version>.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const dryRun = process.argv.includes('--dry-run')
const read = (name) => readFileSync(join(root, name), 'utf8')
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const manifest = JSON.parse(read('package.json'))
const { version } = manifest

/** Everything that stands in the way, so that nobody has to try once for each. */
const reasons = []
if (git('status', '--porcelain') !== '') reasons.push('the working tree has changes: commit them first')
const heading = read('CHANGELOG.md').split('\n').find((line) => line.startsWith(`## ${version}`))
if (heading === undefined) reasons.push(`CHANGELOG.md has no section '## ${version}'`)
else if (!/\(\d{4}-\d{2}-\d{2}\)$/.test(heading)) reasons.push(`the section of ${version} in CHANGELOG.md has no date: '## ${version} (2026-01-31)'`)
if (manifest.repository === undefined) reasons.push("package.json has no 'repository': npm compares it with where the job runs")
if (!git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`)) reasons.push(`this commit has no tag v${version}: git tag v${version}`)
const { ACTIONS_ID_TOKEN_REQUEST_URL, SIGSTORE_ID_TOKEN } = process.env
if (ACTIONS_ID_TOKEN_REQUEST_URL === undefined && SIGSTORE_ID_TOKEN === undefined) reasons.push('this is no CI job that npm trusts: no token for its statement is to be had')

if (reasons.length > 0) {
  console.log(`${version} ${dryRun ? 'could not be published' : 'is not published'}:\n${reasons.map((reason) => `- ${reason}`).join('\n')}`)
  if (!dryRun) process.exit(1)
}
execFileSync('bash', ['.ci/run', '--quick'], { cwd: root, stdio: 'inherit' })
// A version with a hyphen (1.0.0-beta.1) is not what `npm install cqlwire` should give.
const args = ['publish', '--access', 'public', '--tag', version.includes('-') ? 'next' : 'latest', ...(dryRun ? ['--dry-run'] : ['--provenance'])]
execFileSync('npm', args, { cwd: root, stdio: 'inherit' })
