import { quoteIdentifier } from '../codecs/index.js'
import type { TableMetadata } from '../client/index.js'

/** The text of an INSERT of some columns. */
export function insertOf(table: Pick<TableMetadata, 'keyspace' | 'name'>, names: readonly string[]): string {
  return `INSERT INTO ${quoteIdentifier(table.keyspace)}.${quoteIdentifier(table.name)} (${names.map(quoteIdentifier).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
}
