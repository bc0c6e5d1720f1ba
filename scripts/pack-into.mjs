import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Packs the package as npm would publish it. @returns the name of the tarball in the folder */
export function packInto(directory) {
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', directory], { cwd: dirname(import.meta.dirname), stdio: ['ignore', 'pipe', 'pipe'] })
  return readdirSync(directory).find((name) => name.endsWith('.tgz'))
}
