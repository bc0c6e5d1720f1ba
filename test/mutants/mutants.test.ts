import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'vitest'

test.each(readdirSync('test/mutants').filter((name) => name.endsWith('.patch')))('the planted bug %s can still be planted', (patch) => {
  execFileSync('patch', ['-p1', '--dry-run', '--silent', '-i', join('test/mutants', patch)], { stdio: 'pipe' })
})
