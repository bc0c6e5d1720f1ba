// Migrations on disk: a folder for each, with up.cql and perhaps down.cql.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OptionError } from '../base/index.js'
import { CqlParseError } from '../cql/index.js'
import { migrationOf, scriptOf } from '../migrate/index.js'
import type { Migration } from '../migrate/index.js'

/** Reads all migrations of a folder. @throws OptionError naming the one that is at fault */
export async function readMigrations(folder: string): Promise<Migration[]> {
  if (!existsSync(folder)) return []
  const ids = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()
  return Promise.all(ids.map(async (id) => {
    const up = join(folder, id, 'up.cql')
    const down = join(folder, id, 'down.cql')
    if (!existsSync(up)) throw new OptionError('dir', `${join(folder, id)} has no up.cql`)
    try {
      return await migrationOf(id, readFileSync(up, 'utf8'), existsSync(down) ? readFileSync(down, 'utf8') : '')
    } catch (error) {
      if (error instanceof CqlParseError) throw new OptionError('dir', `${join(folder, id)}: ${error.message}`)
      throw error
    }
  }))
}

/** Writes a migration. @returns its folder */
export function writeMigration(folder: string, id: string, up: readonly string[], down: readonly string[]): string {
  const own = join(folder, id)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'up.cql'), scriptOf(up), { flag: 'wx' })
  if (down.length > 0) writeFileSync(join(own, 'down.cql'), scriptOf(down), { flag: 'wx' })
  return own
}
