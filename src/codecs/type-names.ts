import { CodecError, fromHex, toHex, utf8Decode } from '../base/index.js'
import { MAX_TYPE_DEPTH, scalar, scalarKinds } from './types.js'
import type { CqlType, ScalarKind, UdtType } from './types.js'

/** Finds a user-defined type by name; the keyspace is undefined when the text did not name one. */
export type UdtLookup = (name: string, keyspace: string | undefined) => UdtType | undefined

const kinds: ReadonlySet<string> = new Set(scalarKinds)

/**
 * Reads a type as CQL writes it, such as `map<text, frozen<list<int>>>`; also the `system_schema` form.
 *
 * @param text the type
 * @param lookup finds user-defined types; without it they are an error
 * @throws CodecError when the text is not a type
 */
export function parseType(text: string, lookup?: UdtLookup): CqlType {
  const parser = new TypeTextParser(text, lookup)
  const type = parser.type(0)
  parser.expectEnd()
  return type
}

class TypeTextParser {
  readonly #text: string
  readonly #lookup: UdtLookup | undefined
  #pos = 0

  constructor(text: string, lookup: UdtLookup | undefined) {
    this.#text = text
    this.#lookup = lookup
  }

  type(depth: number): CqlType {
    if (depth > MAX_TYPE_DEPTH) throw this.#error(`more than ${MAX_TYPE_DEPTH} levels of nesting`)
    const literal = this.#match(/'((?:[^']|'')*)'/y)
    if (literal !== undefined) return typeFromClassName(literal.slice(1, -1).replaceAll("''", "'"))
    const quoted = this.#match(/"(?:[^"]|"")*"/y)
    const name = quoted === undefined ? this.#match(/[A-Za-z_][A-Za-z0-9_]*/y) : quoted.slice(1, -1).replaceAll('""', '"')
    if (name === undefined) throw this.#error('a type name was expected')
    if (quoted === undefined) {
      const word = name.toLowerCase()
      const known = this.#parameterised(word, depth) ?? (kinds.has(word) ? scalar(word as ScalarKind) : word === 'varchar' ? scalar('text') : undefined)
      if (known) return known
    }
    return this.#userDefined(quoted === undefined ? name.toLowerCase() : name)
  }

  #parameterised(word: string, depth: number): CqlType | undefined {
    const open = /\s*</y
    open.lastIndex = this.#pos
    if (!open.test(this.#text)) return undefined
    switch (word) {
      case 'frozen': {
        this.#expect('<')
        const inner = this.type(depth + 1)
        this.#expect('>')
        return freezeType(inner)
      }
      case 'list':
      case 'set': {
        this.#expect('<')
        const element = this.type(depth + 1)
        this.#expect('>')
        return { kind: word, element }
      }
      case 'map': {
        this.#expect('<')
        const key = this.type(depth + 1)
        this.#expect(',')
        const value = this.type(depth + 1)
        this.#expect('>')
        return { kind: 'map', key, value }
      }
      case 'tuple': {
        this.#expect('<')
        const elements = [this.type(depth + 1)]
        while (this.#match(/,/y)) elements.push(this.type(depth + 1))
        this.#expect('>')
        return { kind: 'tuple', elements }
      }
      case 'vector': {
        this.#expect('<')
        const element = this.type(depth + 1)
        this.#expect(',')
        const dimension = Number(this.#match(/\d+/y) ?? 0)
        if (dimension < 1 || dimension > 0xffff_ffff) throw this.#error('a vector needs a dimension of at least 1')
        this.#expect('>')
        return { kind: 'vector', element, dimension }
      }
      default:
        return undefined
    }
  }

  #userDefined(first: string): CqlType {
    let keyspace: string | undefined
    let name = first
    if (this.#match(/\./y) !== undefined) {
      keyspace = first
      const quoted = this.#match(/"(?:[^"]|"")*"/y)
      const second = quoted === undefined ? this.#match(/[A-Za-z_][A-Za-z0-9_]*/y)?.toLowerCase() : quoted.slice(1, -1).replaceAll('""', '"')
      if (second === undefined) throw this.#error('a type name was expected')
      name = second
    }
    const type = this.#lookup?.(name, keyspace)
    if (!type) throw new CodecError(`Unknown type ${keyspace === undefined ? '' : `${keyspace}.`}${name} in '${this.#text}'`)
    return type
  }

  expectEnd(): void {
    if (this.#match(/$/y) === undefined) throw this.#error('text after the type')
  }

  #expect(mark: string): void {
    if (this.#match(new RegExp(mark, 'y')) === undefined) throw this.#error(`'${mark}' was expected`)
  }

  #match(pattern: RegExp): string | undefined {
    const blank = /\s*/y
    blank.lastIndex = this.#pos
    blank.exec(this.#text)
    pattern.lastIndex = blank.lastIndex
    const found = pattern.exec(this.#text)
    if (!found) return undefined
    this.#pos = pattern.lastIndex
    return found[0]
  }

  #error(what: string): CodecError {
    return new CodecError(`Not a CQL type: ${what} at character ${this.#pos + 1} of '${this.#text}'`)
  }
}

/** The frozen form of a type; tuples, vectors and scalars are frozen as they are. */
export function freezeType(type: CqlType): CqlType {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
    case 'udt':
      return { ...type, frozen: true }
    default:
      return type
  }
}

const MARSHAL = 'org.apache.cassandra.db.marshal.'

const scalarClasses: Readonly<Record<string, ScalarKind>> = {
  AsciiType: 'ascii', LongType: 'bigint', BytesType: 'blob', BooleanType: 'boolean', CounterColumnType: 'counter', SimpleDateType: 'date',
  DecimalType: 'decimal', DoubleType: 'double', DurationType: 'duration', FloatType: 'float', InetAddressType: 'inet', Int32Type: 'int',
  ShortType: 'smallint', UTF8Type: 'text', TimeType: 'time', TimestampType: 'timestamp', DateType: 'timestamp', TimeUUIDType: 'timeuuid', ByteType: 'tinyint',
  UUIDType: 'uuid', LexicalUUIDType: 'uuid', IntegerType: 'varint',
}

/**
 * Reads a type as Java class names give it: in custom types on the wire (vectors always, several scalars
 * on protocol v3 and duration on v4) and in old schema tables.
 *
 * @param className such as `org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)`
 * @returns the type; a class that is not Cassandra's own becomes a custom type
 * @throws CodecError when the parameters of a known class cannot be read
 */
export function typeFromClassName(className: string): CqlType {
  const parser = new ClassNameParser(className)
  const type = parser.type(0)
  return parser.atEnd ? type : { kind: 'custom', className }
}

class ClassNameParser {
  readonly #text: string
  #pos = 0

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#match(/$/y) !== undefined
  }

  type(depth: number): CqlType {
    if (depth > MAX_TYPE_DEPTH) throw new CodecError(`More than ${MAX_TYPE_DEPTH} levels of nesting in type '${this.#text.slice(0, 200)}'`)
    const start = this.#pos
    const full = this.#match(/[A-Za-z0-9_.$+-]+/y)
    if (full === undefined) throw this.#error('a class name was expected')
    const name = full.startsWith(MARSHAL) ? full.slice(MARSHAL.length) : full
    if (full.includes('.') && !full.startsWith(MARSHAL)) return this.#custom(start)
    const kind = scalarClasses[name]
    if (kind !== undefined && Object.hasOwn(scalarClasses, name)) return scalar(kind)
    switch (name) {
      case 'ReversedType':
        return this.#inParentheses(() => this.type(depth + 1))
      case 'FrozenType':
        return freezeType(this.#inParentheses(() => this.type(depth + 1)))
      case 'ListType':
        return { kind: 'list', element: this.#inParentheses(() => this.type(depth + 1)) }
      case 'SetType':
        return { kind: 'set', element: this.#inParentheses(() => this.type(depth + 1)) }
      case 'MapType':
        return this.#inParentheses(() => {
          const key = this.type(depth + 1)
          this.#expect(',')
          return { kind: 'map', key, value: this.type(depth + 1) }
        })
      case 'TupleType':
        return { kind: 'tuple', elements: this.#inParentheses(() => this.#list(depth)) }
      case 'VectorType':
        return this.#inParentheses(() => {
          const element = this.type(depth + 1)
          this.#expect(',')
          const dimension = Number(this.#match(/\d+/y) ?? 0)
          if (dimension < 1) throw this.#error('a dimension was expected')
          return { kind: 'vector', element, dimension }
        })
      case 'UserType':
        return this.#inParentheses(() => this.#userType(depth))
      default:
        return this.#custom(start)
    }
  }

  #list(depth: number): CqlType[] {
    const types = [this.type(depth + 1)]
    while (this.#match(/,/y) !== undefined) types.push(this.type(depth + 1))
    return types
  }

  /** `keyspace, hex(name), hex(field) : type, ...` */
  #userType(depth: number): UdtType {
    const keyspace = this.#match(/[^\s,()]+/y) ?? ''
    this.#expect(',')
    const name = this.#hexText()
    const fields = []
    while (this.#match(/,/y) !== undefined) {
      const field = this.#hexText()
      this.#expect(':')
      fields.push({ name: field, type: this.type(depth + 1) })
    }
    return { kind: 'udt', keyspace, name, fields }
  }

  #hexText(): string {
    const hex = this.#match(/(?:[0-9a-fA-F]{2})*/y)
    if (hex === undefined) throw this.#error('a name in hexadecimal was expected')
    const bytes = fromHex(hex)!
    return utf8Decode(bytes, 0, bytes.length)
  }

  /** A foreign class keeps its whole text, parameters included. */
  #custom(start: number): CqlType {
    if (this.#text[this.#pos] === '(') {
      let depth = 0
      do {
        const mark = this.#text[this.#pos++]
        if (mark === '(') depth++
        if (mark === ')') depth--
        if (mark === undefined) throw this.#error("')' was expected")
      } while (depth > 0)
    }
    return { kind: 'custom', className: this.#text.slice(start, this.#pos).trim() }
  }

  #inParentheses<T>(read: () => T): T {
    this.#expect('\\(')
    const value = read()
    this.#expect('\\)')
    return value
  }

  #expect(mark: string): void {
    if (this.#match(new RegExp(mark, 'y')) === undefined) throw this.#error(`'${mark.replace('\\', '')}' was expected`)
  }

  #match(pattern: RegExp): string | undefined {
    while (this.#text[this.#pos] === ' ') this.#pos++
    pattern.lastIndex = this.#pos
    const found = pattern.exec(this.#text)
    if (!found) return undefined
    this.#pos = pattern.lastIndex
    return found[0]
  }

  #error(what: string): CodecError {
    return new CodecError(`Not a type class: ${what} at character ${this.#pos + 1} of '${this.#text.slice(0, 200)}'`)
  }
}

const classNames: Readonly<Record<ScalarKind, string>> = Object.fromEntries(
  Object.entries(scalarClasses).filter(([name]) => name !== 'DateType' && name !== 'LexicalUUIDType').map(([name, kind]) => [kind, name]),
) as Record<ScalarKind, string>

/**
 * A type as Java class names write it, the inverse of {@link typeFromClassName}.
 *
 * @param type the type
 * @returns the full class name with its parameters
 */
export function typeToClassName(type: CqlType): string {
  switch (type.kind) {
    case 'list':
      return frozenClass(type.frozen, `${MARSHAL}ListType(${typeToClassName(type.element)})`)
    case 'set':
      return frozenClass(type.frozen, `${MARSHAL}SetType(${typeToClassName(type.element)})`)
    case 'map':
      return frozenClass(type.frozen, `${MARSHAL}MapType(${typeToClassName(type.key)},${typeToClassName(type.value)})`)
    case 'tuple':
      return `${MARSHAL}TupleType(${type.elements.map(typeToClassName).join(',')})`
    case 'vector':
      return `${MARSHAL}VectorType(${typeToClassName(type.element)} , ${type.dimension})`
    case 'udt': {
      const fields = type.fields.map((field) => `,${hexText(field.name)}:${typeToClassName(field.type)}`)
      return frozenClass(type.frozen, `${MARSHAL}UserType(${type.keyspace},${hexText(type.name)}${fields.join('')})`)
    }
    case 'custom':
      return type.className
    default:
      return MARSHAL + classNames[type.kind]
  }
}

function frozenClass(frozen: boolean | undefined, text: string): string {
  return frozen ? `${MARSHAL}FrozenType(${text})` : text
}

function hexText(text: string): string {
  return toHex(new TextEncoder().encode(text))
}
