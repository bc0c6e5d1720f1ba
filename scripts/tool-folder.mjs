import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A folder under .cache with packages that one script needs, fetched the first time: they stay out of the root install, and bring a compiler of their own where they need one.
 *
 * @param packages such as `typedoc@0.28`
 * @returns where the folder is
 */
export function toolFolder(name, ...packages) {
  const directory = join(dirname(import.meta.dirname), '.cache', name)
  mkdirSync(directory, { recursive: true })
  if (!existsSync(join(directory, 'package.json'))) writeFileSync(join(directory, 'package.json'), '{"private":true}')
  const missing = packages.filter((each) => !existsSync(join(directory, 'node_modules', each.replace(/(?<=.)@[^/]*$/, ''))))
  if (missing.length > 0) execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...missing], { cwd: directory, stdio: 'inherit' })
  return directory
}
