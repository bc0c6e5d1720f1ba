// Relations between tables: what `with` reads along with rows.
import { OptionError } from '../base/index.js'
import { restrictionsOf } from './restrictions.js'
import type { SelectFault } from './query-rules.js'
import type { Table } from './table.js'

/** Which columns of the other table equal which of this one: `{ authorId: 'id' }`. */
export type Pairs = Readonly<Record<string, string>>

/** A relation, as {@link hasMany} and the others declare it. */
export interface Relation<Kind extends 'one' | 'many' = 'one' | 'many', To extends string = string, On extends Pairs = Pairs> {
  readonly kind: Kind
  /** The other table, by its name among the tables of the ORM. */
  readonly to: To
  readonly on: On
  /** Where the other rows are found by way of a third table. */
  readonly through: { readonly table: string; readonly on: Pairs } | undefined
}

/** Relations by table and by name. */
export type Relations = Readonly<Record<string, Readonly<Record<string, Relation>>>>

/**
 * Many rows of another table belong to one of this.
 *
 * @param to the other table
 * @param on its columns, each with the one of this table that it equals; they are a key of the other table, or indexed: a relation that needs a scan is refused
 */
export function hasMany<const To extends string, const On extends Pairs>(to: To, on: On): Relation<'many', To, On> {
  return { kind: 'many', to, on, through: undefined }
}

/** One row of another table belongs to one of this. @param on as for {@link hasMany} */
export function hasOne<const To extends string, const On extends Pairs>(to: To, on: On): Relation<'one', To, On> {
  return { kind: 'one', to, on, through: undefined }
}

/** Rows of this table name one of another. @param on as for {@link hasMany}: `{ id: 'authorId' }` */
export function belongsTo<const To extends string, const On extends Pairs>(to: To, on: On): Relation<'one', To, On> {
  return { kind: 'one', to, on, through: undefined }
}

/**
 * Rows of another table, by way of a third one that has both keys.
 *
 * @param to the other table
 * @param through the table between: `on` has its columns with those of this table
 * @param on columns of the other table with those of the table between
 */
export function manyToMany<const To extends string, const On extends Pairs>(to: To, through: { readonly table: string; readonly on: Pairs }, on: On): Relation<'many', To, On> {
  return { kind: 'many', to, on, through }
}

/** Relations whose tables and columns are there, as the compiler checks them: the other side is found by a key or an index. */
export type CheckedRelations<S extends Readonly<Record<string, Table>>, R> = {
  readonly [K in keyof R]: K extends keyof S
    ? { readonly [Name in keyof R[K]]: R[K][Name] extends Relation<infer Kind, infer To, infer On>
        ? To extends keyof S
          ? [SelectFault<S[To], On>] extends [never] ? Relation<Kind, To, On> : { readonly 'this relation is refused': SelectFault<S[To], On> }
          : { readonly 'this relation is refused': `there is no table '${To}'` }
        : never }
    : { readonly 'this relation is refused': `there is no table '${K & string}'` }
}

/** Refuses relations whose tables or columns are not there, or whose other side could only be found by a scan. */
export function checkRelations(tables: Readonly<Record<string, Table>>, relations: Relations): void {
  for (const [from, named] of Object.entries(relations)) {
    const source = tableOf(tables, from, `relations.${from}`)
    for (const [name, { to, on, through }] of Object.entries(named)) {
      const where = `relations.${from}.${name}`
      if (source.model.columns.has(name)) throw new OptionError('relations', `${where}: ${source.name} has a column of that name`)
      const target = tableOf(tables, to, where)
      if (through === undefined) {
        checkPairs(source, target, on, where)
        continue
      }
      const between = tableOf(tables, through.table, where)
      checkPairs(source, between, through.on, where)
      checkPairs(between, target, on, where)
    }
  }
}

function tableOf(tables: Readonly<Record<string, Table>>, name: string, where: string): Table {
  if (!Object.hasOwn(tables, name)) throw new OptionError('relations', `${where}: there is no table '${name}'`)
  return tables[name]!
}

function checkPairs(source: Table, target: Table, on: Pairs, where: string): void {
  const missing = (table: Table, property: string): never => {
    throw new OptionError('relations', `${where}: ${table.name} has no column '${property}'`)
  }
  const equalities = Object.entries(on).map(([theirs, ours]) => {
    if (!source.model.columns.has(ours)) missing(source, ours)
    return { column: target.model.columns.get(theirs) ?? missing(target, theirs), operator: '=' as const, value: undefined, key: undefined }
  })
  if (equalities.length === 0) throw new OptionError('relations', `${where}: no columns are given`)
  const { filtering } = restrictionsOf(target.model, equalities)
  if (filtering !== undefined) throw new OptionError('relations', `${where} would scan ${target.name}: ${filtering}`)
}
