import { QueryRefusedError } from './errors.js'
import { Slot } from './placeholder.js'
import type { Placeholder } from './placeholder.js'
import type { PlaceholdersOf } from './placeholder-types.js'
import type { Checked, UpdateFault } from './query-rules.js'
import { columnOf, isTests, relationsOf, whereText } from './relation.js'
import type { Relation } from './relation.js'
import { checkKey, relationOf } from './restrictions.js'
import type { ConditionsOf, Filter, Update } from './row-types.js'
import type { QueryOptions, Session } from './session.js'
import type { Table, TableColumn, TableModel } from './table.js'
import { assignments, conditionText, usingText } from './write-text.js'
import type { Conditions, Using } from './write-text.js'
import { WriteQuery } from './write-query.js'
import type { WriteText } from './write-query.js'

/** Everything that an UPDATE says. */
interface UpdateParts {
  readonly table: TableModel
  readonly set: readonly (readonly [column: TableColumn, value: unknown])[]
  readonly filter: Readonly<Record<string, unknown>>
  readonly conditions: Conditions | undefined
  readonly using: Using
}

/** An UPDATE without its assignments yet. */
export class UpdateTable<T extends Table> {
  readonly #session: Session
  readonly #table: TableModel

  /** @internal */
  constructor(session: Session, table: TableModel) {
    this.#session = session
    this.#table = table
  }

  /**
   * What is written: values, or changes of collections (`{ $add: ['a'] }`) and counters (`{ $increment: 1 }`). Columns with `onUpdate` come by themselves.
   *
   * @throws QueryRefusedError for nothing at all, for keys, and for unknown columns
   */
  set<const S extends Update<T>>(values: S & { readonly [K in Exclude<keyof S, keyof Update<T>>]: never }): UpdateSet<T, keyof S & string> {
    const given = values as Readonly<Record<string, unknown>>
    const set = Object.keys(given).map((property) => {
      const column = columnOf(this.#table, property)
      if (column.inKey) throw new QueryRefusedError(`UPDATE of ${this.#table.name}: '${property}' is in the key, and keys do not change: insert another row, and delete this one`)
      return [column, given[property]] as const
    })
    if (set.length === 0) throw new QueryRefusedError(`UPDATE of ${this.#table.name} sets nothing`)
    for (const column of this.#table.columns.values()) {
      // A static column of its own accord would make the update of a row one of its partition, too.
      if (column.column.refresh && !Object.hasOwn(given, column.property) && column.kind === 'regular' && set.some(([{ kind }]) => kind === 'regular')) set.push([column, column.column.refresh()])
    }
    return new UpdateSet(this.#session, this.#table, set)
  }
}

/** An UPDATE that does not say yet of which rows. */
export class UpdateSet<T extends Table, Names extends string> {
  readonly #session: Session
  readonly #table: TableModel
  readonly #set: UpdateParts['set']

  /** @internal */
  constructor(session: Session, table: TableModel, set: UpdateParts['set']) {
    this.#session = session
    this.#table = table
    this.#set = set
  }

  /** The rows, by their whole primary key; of static columns, by the partition key. */
  where<const F extends Filter<T>>(filter: F & Checked<UpdateFault<T, Names, F>>): UpdateQuery<T, false, PlaceholdersOf<T, F>> {
    return new UpdateQuery(this.#session, { table: this.#table, set: this.#set, filter: filter as Readonly<Record<string, unknown>>, conditions: undefined, using: { ttl: undefined, timestamp: undefined } }, undefined)
  }
}

/** An UPDATE. Immutable; awaited, it is run. As every write in CQL it makes the row if there is none, unless it has a condition. */
export class UpdateQuery<T extends Table, Conditional extends boolean = false, P = unknown> extends WriteQuery<Conditional, P> {
  readonly #parts: UpdateParts

  /** @internal */
  constructor(session: Session, parts: UpdateParts, options: QueryOptions | undefined) {
    super(session, parts.table, options)
    this.#parts = parts
  }

  /** Updates only a row that is there, by a lightweight transaction. */
  ifExists(): UpdateQuery<T, true, P> {
    return new UpdateQuery(this.session, { ...this.#parts, conditions: { kind: 'exists' } }, this.options)
  }

  /** Updates only a row that has these values, by a lightweight transaction. Null stands for nothing there. */
  if(conditions: ConditionsOf<T>): UpdateQuery<T, true, P> {
    return new UpdateQuery(this.session, { ...this.#parts, conditions: { kind: 'if', filter: conditions as Readonly<Record<string, unknown>> } }, this.options)
  }

  /** Lets the values go after some seconds. */
  ttl(seconds: number | Placeholder): UpdateQuery<T, Conditional, P> {
    return new UpdateQuery(this.session, { ...this.#parts, using: { ...this.#parts.using, ttl: seconds } }, this.options)
  }

  /** Dates the write, in microseconds since 1970. */
  timestamp(micros: bigint | number | Placeholder): UpdateQuery<T, Conditional, P> {
    return new UpdateQuery(this.session, { ...this.#parts, using: { ...this.#parts.using, timestamp: micros } }, this.options)
  }

  /** Options of the request, over those given before. */
  with(options: QueryOptions): UpdateQuery<T, Conditional, P> {
    return new UpdateQuery(this.session, this.#parts, { ...this.options, ...options })
  }

  /** @internal */
  override write(): WriteText {
    const { table, set, filter, conditions, using } = this.#parts
    const relations = relationsOf(table, filter)
    checkKey(table, relations, set.every(([{ kind }]) => kind === 'static') ? 'partition' : 'rows', 'UPDATE of')
    if (conditions) checkConditional(table, relations.some(({ operator }) => operator === 'IN'), using, 'UPDATE of')
    if (table.isCounter && (using.ttl !== undefined || using.timestamp !== undefined)) throw new QueryRefusedError(`UPDATE of ${table.name}: counters have neither TTL nor timestamp`)
    if (table.isCounter && conditions) throw new QueryRefusedError(`UPDATE of ${table.name}: counters have no conditions`)
    const values: unknown[] = []
    const query = `UPDATE ${table.quoted}${usingText(using, values)} SET ${assignments(table, set, values, (key) => keyValue(relations, key))}${whereText(relations, values)}${conditionText(table, conditions, values)}`
    // Counters are added to, and lists are, each time again.
    const idempotent = conditions === undefined && set.every(([{ column: { type } }, value]) => !isTests(value) || type.kind === 'set' || type.kind === 'map')
    return { query, values, conditional: conditions !== undefined, idempotent }
  }
}

/** The one value that a filter names of a key column. */
function keyValue(relations: readonly Relation[], key: TableColumn): unknown {
  const relation = relationOf(relations, key)
  return relation?.operator === '=' && !(relation.value instanceof Slot) ? relation.value : undefined
}

/** What a lightweight transaction cannot have (`ModificationStatement.java`). */
export function checkConditional(table: TableModel, several: boolean, using: Pick<Using, 'timestamp'>, verb: string): void {
  if (several) throw new QueryRefusedError(`${verb} ${table.name}: a condition is of one row, so no key can be one of several`)
  if (using.timestamp !== undefined) throw new QueryRefusedError(`${verb} ${table.name}: a conditional write is dated by its transaction, so it has no .timestamp()`)
}
