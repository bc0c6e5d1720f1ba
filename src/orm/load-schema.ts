import { OptionError } from '../base/index.js'
import type { Client } from '../client/index.js'
import { parseType } from '../codecs/index.js'
import { between, email, lengthBetween, matching } from './checks.js'
import { Column } from './column.js'
import type { Position } from './column.js'
import type { CheckedModels, Field, FieldChecks, FieldOptions, Model, ModelRelation, RelationsOfModels, TablesOfModels, TypeRegistry } from './model-types.js'
import { orm } from './orm.js'
import type { Orm, OrmOptions } from './orm.js'
import { belongsTo, hasMany, hasOne } from './relations.js'
import type { Relation, Relations } from './relations.js'
import { table } from './table.js'
import type { Table } from './table.js'

/** Options of {@link loadSchema}. */
export interface LoadOptions<G extends TypeRegistry> extends Pick<OrmOptions<unknown>, 'claims' | 'cursorSecret'> {
  /** What a field's type may be besides the types of CQL: with `{ price: () => money('EUR') }` a field may be a 'price'. @default none */
  readonly types?: G | undefined
  /** Whether tables that are not there are created. Nothing that is there is changed: that is what migrations are for. @default true */
  readonly create?: boolean | undefined
}

/**
 * Ties models to a client: tables as plain objects, with types of CQL as text. A short form of {@link table} and {@link orm}, with the same types and the same rules; both may be mixed, since a field may be a column.
 *
 * @typeParam G types of the application, by the names that models use
 * @param models by the names of their tables
 * @returns as {@link orm} does
 * @throws OptionError naming the model and field at fault
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { loadSchema } from 'cqlwire/orm'
 * await using client = await Client.connect({ contactPoints: ['127.0.0.1'], keyspace: 'blog' })
 * const db = await loadSchema(client, {
 *   users: {
 *     fields: { id: 'uuid', email: { type: 'text', unique: true, validate: { required: true, isEmail: true } }, tags: 'set<text>' },
 *     key: ['id'],
 *     relations: { posts: { type: 'hasMany', model: 'posts', foreignKey: 'author' } },
 *   },
 *   posts: { fields: { author: 'uuid', at: 'timestamp', title: 'text' }, key: ['author', 'at'], order: { at: 'desc' } },
 * })
 * const [user] = await db.users.find({ id: '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47' }, { with: { posts: { limit: 5 } } })
 * ```
 */
export async function loadSchema<const M extends Readonly<Record<string, Model>>, G extends TypeRegistry = Record<never, never>>(
  client: Client, models: M & CheckedModels<M, G>, { types, create = true, ...options }: LoadOptions<G> = {},
): Promise<Orm<TablesOfModels<M, G>, RelationsOfModels<M>>> {
  const tables: Record<string, Table> = {}
  for (const [name, model] of Object.entries(models as Readonly<Record<string, Model>>)) tables[name] = tableOf(name, model, types ?? {})
  const relations: Record<string, Record<string, Relation>> = {}
  for (const [name, model] of Object.entries(models as Readonly<Record<string, Model>>)) {
    relations[name] = Object.fromEntries(Object.entries(model.relations ?? {}).map(([relation, each]) => [relation, relationOf(tables, name, relation, each)]))
  }
  const db = orm(client, tables, { ...options, relations: relations as Relations })
  if (create) {
    await client.connect()
    await db.createTables()
  }
  return db as unknown as Orm<TablesOfModels<M, G>, RelationsOfModels<M>>
}

function tableOf(name: string, { fields, key, order = {}, indexes = [] }: Model, types: TypeRegistry): Table {
  const fault = (message: string): OptionError => new OptionError('models', `Model ${name}: ${message}`)
  const [first, ...clustering] = key
  const partition = typeof first === 'string' ? [first] : first
  const unknown = [...partition, ...clustering, ...indexes, ...Object.keys(order)].find((field) => !Object.hasOwn(fields, field))
  if (unknown !== undefined) throw fault(`there is no field '${unknown}'`)
  const place = (names: readonly string[], field: string): Position => (names.indexOf(field) + 1) as Position
  const columns = Object.entries(fields).map(([field, given]) => {
    let column = fieldOf(field, given, types, fault)
    if (indexes.includes(field)) column = column.indexed()
    if (partition.includes(field)) column = column.partitionKey(place(partition, field))
    if (clustering.includes(field)) column = column.clusteringKey(order[field] ?? 'asc', place(clustering, field))
    return [field, column]
  })
  return table(name, Object.fromEntries(columns), { naming: 'as_is' })
}

const known: ReadonlySet<string> = new Set<keyof FieldOptions>(['type', 'unique', 'static', 'default', 'onUpdate', 'validate'])

function fieldOf(field: string, given: Field, types: TypeRegistry, fault: (message: string) => OptionError): Column {
  if (typeof given === 'string') return columnOfText(field, given, types, fault)
  if (given instanceof Column) return given
  const unknown = Object.keys(given).find((option) => !known.has(option))
  if (unknown !== undefined) throw fault(`'${field}' has an unknown option '${unknown}'`)
  let column = typeof given.type === 'string' ? columnOfText(field, given.type, types, fault) : given.type
  if (given.static === true) column = column.static()
  if (given.validate?.required === true) column = column.required()
  column = column.check(...checksOf(field, given.validate ?? {}, fault))
  if (given.default !== undefined) column = column.default(given.default)
  if (given.onUpdate) column = column.onUpdate(given.onUpdate)
  return given.unique === true ? column.unique() : column
}

function columnOfText(field: string, text: string, types: TypeRegistry, fault: (message: string) => OptionError): Column {
  const make = Object.hasOwn(types, text) ? types[text] : undefined
  if (make) return make()
  try {
    const type = parseType(text)
    return type.kind === 'counter' ? Column.of(type, 'counter') : Column.of(type)
  } catch (error) {
    throw fault(`'${field}' is of an unknown type '${text}': ${error instanceof Error ? error.message : String(error)}`)
  }
}

function checksOf(field: string, { isEmail, minLength, maxLength, min, max, pattern, isIn, custom, ...others }: FieldChecks, fault: (message: string) => OptionError): ((value: any) => string | undefined | Promise<string | undefined>)[] {
  const strange = Object.keys(others).find((check) => check !== 'required')
  if (strange !== undefined) throw fault(`'${field}' has an unknown check '${strange}'`)
  return [
    ...(isEmail === true ? [email()] : []),
    ...(minLength !== undefined || maxLength !== undefined ? [lengthBetween(minLength ?? 0, maxLength ?? Infinity)] : []),
    ...(min !== undefined || max !== undefined ? [between<number | bigint | Date>(min ?? -Infinity, max ?? Infinity)] : []),
    ...(pattern ? [matching(pattern)] : []),
    ...(isIn ? [(value: unknown) => (isIn.includes(value) ? undefined : `must be one of ${isIn.map(String).join(', ')}`)] : []),
    ...(custom ? [custom] : []),
  ]
}

function relationOf(tables: Readonly<Record<string, Table>>, name: string, relation: string, { type, model, foreignKey }: ModelRelation): Relation {
  const other = tables[model]
  if (!other) throw new OptionError('models', `Model ${name}: relation '${relation}' is to '${model}', which is no model`)
  const [key, more] = (type === 'belongsTo' ? other : tables[name]!).model.partitionKey
  if (more) throw new OptionError('models', `Model ${name}: relation '${relation}' has one foreign key, but the partition key has several columns: orm() takes relations by several`)
  if (type === 'belongsTo') return belongsTo(model, { [key!.property]: foreignKey })
  return type === 'hasOne' ? hasOne(model, { [foreignKey]: key!.property }) : hasMany(model, { [foreignKey]: key!.property })
}
