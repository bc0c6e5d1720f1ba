import { quoteIdentifier } from '../base/index.js'
/** Names of the types without parameters, as CQL writes them (`varchar` is read as `text`). */
export const scalarKinds = [
  'ascii', 'bigint', 'blob', 'boolean', 'counter', 'date', 'decimal', 'double', 'duration', 'float', 'inet', 'int',
  'smallint', 'text', 'time', 'timestamp', 'timeuuid', 'tinyint', 'uuid', 'varint',
] as const

/** The name of a type without parameters. */
export type ScalarKind = (typeof scalarKinds)[number]

/** A type without parameters. */
export interface ScalarType {
  readonly kind: ScalarKind
}
/** `list<element>`. */
export interface ListType {
  readonly kind: 'list'
  readonly element: CqlType
  readonly frozen?: boolean
}
/** `set<element>`. */
export interface SetType {
  readonly kind: 'set'
  readonly element: CqlType
  readonly frozen?: boolean
}
/** `map<key, value>`. */
export interface MapType {
  readonly kind: 'map'
  readonly key: CqlType
  readonly value: CqlType
  readonly frozen?: boolean
}
/** Tuples are always frozen. */
export interface TupleType {
  readonly kind: 'tuple'
  readonly elements: readonly CqlType[]
}
/** A field of a user-defined type. */
export interface UdtField {
  readonly name: string
  readonly type: CqlType
}
/** A user-defined type with its fields in order. */
export interface UdtType {
  readonly kind: 'udt'
  readonly keyspace: string
  readonly name: string
  readonly fields: readonly UdtField[]
  readonly frozen?: boolean
}
/** `vector<element, dimension>`. */
export interface VectorType {
  readonly kind: 'vector'
  readonly element: CqlType
  readonly dimension: number
}
/** A type known to the server by a Java class only; its values are bytes. */
export interface CustomType {
  readonly kind: 'custom'
  readonly className: string
}

/** A CQL type as plain, serialisable data. */
export type CqlType = ScalarType | ListType | SetType | MapType | TupleType | UdtType | VectorType | CustomType

const scalars = Object.fromEntries(scalarKinds.map((kind) => [kind, Object.freeze({ kind })])) as Record<ScalarKind, ScalarType>

/** The one object of a scalar type. */
export function scalar(kind: ScalarKind): ScalarType {
  return scalars[kind]
}

/** Levels of nesting that type names, wire types and values may have. */
export const MAX_TYPE_DEPTH = 64

/**
 * A type as CQL writes it, such as `map<text, frozen<list<int>>>`.
 *
 * @param type the type
 * @returns CQL text; a UDT appears by name, without its keyspace
 */
export function typeToCql(type: CqlType): string {
  switch (type.kind) {
    case 'list':
    case 'set':
      return freeze(type.frozen, `${type.kind}<${typeToCql(type.element)}>`)
    case 'map':
      return freeze(type.frozen, `map<${typeToCql(type.key)}, ${typeToCql(type.value)}>`)
    case 'tuple':
      return `frozen<tuple<${type.elements.map(typeToCql).join(', ')}>>`
    case 'udt':
      return freeze(type.frozen, quoteIdentifier(type.name))
    case 'vector':
      return `vector<${typeToCql(type.element)}, ${type.dimension}>`
    case 'custom':
      return `'${type.className}'`
    default:
      return type.kind
  }
}

function freeze(frozen: boolean | undefined, text: string): string {
  return frozen ? `frozen<${text}>` : text
}

/** Whether values of both types look the same on the wire; `frozen` plays no part there. */
export function sameType(a: CqlType, b: CqlType): boolean {
  if (a.kind !== b.kind) return false
  switch (a.kind) {
    case 'list':
    case 'set':
      return sameType(a.element, (b as ListType | SetType).element)
    case 'map':
      return sameType(a.key, (b as MapType).key) && sameType(a.value, (b as MapType).value)
    case 'tuple': {
      const other = (b as TupleType).elements
      return a.elements.length === other.length && a.elements.every((element, i) => sameType(element, other[i]!))
    }
    case 'udt': {
      const other = b as UdtType
      return a.keyspace === other.keyspace && a.name === other.name && a.fields.length === other.fields.length &&
        a.fields.every((field, i) => field.name === other.fields[i]!.name && sameType(field.type, other.fields[i]!.type))
    }
    case 'vector':
      return a.dimension === (b as VectorType).dimension && sameType(a.element, (b as VectorType).element)
    case 'custom':
      return a.className === (b as CustomType).className
    default:
      return true
  }
}
