/**
 * migrate: how schemas change, step by step.
 *
 * Here: the difference of two schemas, migrations and their scripts, the journal of what was run, and what runs them. Not here: files
 * (`cli/`), declared tables (`orm/`), leases (`coordination/`). Read `migrator.ts` first.
 */
export { diffSchemas } from './diff.js'
export type { Change, Conflict, SchemaDiff } from './diff.js'
export { effectOf } from './effect.js'
export type { Effect } from './effect.js'
export { MigrationError } from './errors.js'
export { lossesOf } from './loss.js'
export { migrationId, migrationOf } from './migration.js'
export type { Migration } from './migration.js'
export { Migrator } from './migrator.js'
export type { MigrationProgress, MigrationStatus, MigratorOptions } from './migrator.js'
export { scriptOf, statementsOf } from './script.js'
export { tableSource } from './table-source.js'
