import { CodecError } from '../base/index.js'
import type { Codec } from './codec.js'
import { listCodec, mapCodec, tupleCodec, udtCodec, vectorCodec } from './collection-codecs.js'
import { resolveEncoding } from './encoding.js'
import type { Encoding, EncodingOptions } from './encoding.js'
import { numberCodecs } from './number-codecs.js'
import { blobCodec, scalarCodecs } from './scalar-codecs.js'
import { timeCodecs } from './time-codecs.js'
import { parseType } from './type-names.js'
import { MAX_TYPE_DEPTH, sameType } from './types.js'
import type { CqlType } from './types.js'

/** A translation of the user's own between a CQL type's usual JavaScript value and another. */
export interface ValueMapping {
  /** The CQL type, as text such as `decimal` or as data. */
  readonly type: string | CqlType
  /** From the usual value (see the table of types) to the user's. */
  readonly read: (value: never) => unknown
  /** From the user's value to one that the type accepts. */
  readonly write: (value: never) => unknown
}

/** All codecs of one client: makes and keeps the codec of each type. */
export class Codecs {
  readonly encoding: Encoding
  readonly #scalars = new Map<string, Codec>()
  readonly #mappings: readonly { readonly type: CqlType; readonly mapping: ValueMapping }[]
  readonly #made = new WeakMap<CqlType, Codec>()

  /**
   * @param options which JavaScript values types are read as
   * @param mappings translations of the user's own
   */
  constructor(options: EncodingOptions | 'json' = {}, mappings: readonly ValueMapping[] = []) {
    this.encoding = resolveEncoding(options)
    for (const codec of [...numberCodecs(this.encoding), ...scalarCodecs(), ...timeCodecs(this.encoding)]) this.#scalars.set(codec.type.kind, codec)
    this.#mappings = mappings.map((mapping) => ({ type: typeof mapping.type === 'string' ? parseType(mapping.type) : mapping.type, mapping }))
  }

  /** The codec of a type. @throws CodecError when it is nested too deeply */
  of(type: CqlType): Codec {
    return this.#of(type, 0)
  }

  #of(type: CqlType, depth: number): Codec {
    const made = this.#made.get(type)
    if (made) return made
    if (depth > MAX_TYPE_DEPTH) throw new CodecError(`A type of more than ${MAX_TYPE_DEPTH} levels of nesting`)
    const plain = this.#build(type, depth)
    const own = this.#mappings.find((entry) => sameType(entry.type, type))
    const codec = own ? mapped(plain, own.mapping) : plain
    this.#made.set(type, codec)
    return codec
  }

  #build(type: CqlType, depth: number): Codec {
    switch (type.kind) {
      case 'list':
      case 'set':
        return listCodec(type, this.#of(type.element, depth + 1), this.encoding)
      case 'map':
        return mapCodec(type, this.#of(type.key, depth + 1), this.#of(type.value, depth + 1), this.encoding)
      case 'tuple':
        return tupleCodec(type, type.elements.map((element) => this.#of(element, depth + 1)))
      case 'udt':
        return udtCodec(type, type.fields.map((field) => this.#of(field.type, depth + 1)))
      case 'vector':
        return vectorCodec(type, this.#of(type.element, depth + 1))
      case 'custom':
        return blobCodec(type)
      default: {
        const codec = this.#scalars.get(type.kind)
        if (!codec) throw new CodecError(`Unknown type '${(type as { kind: string }).kind}'`)
        return codec
      }
    }
  }
}

function mapped(codec: Codec, mapping: ValueMapping): Codec {
  return {
    type: codec.type,
    vectorSize: codec.vectorSize,
    allowsEmpty: codec.allowsEmpty,
    mapped: true,
    decode: (source, start, end) => mapping.read(codec.decode(source, start, end) as never),
    encode: (writer, value) => codec.encode(writer, mapping.write(value as never)),
  }
}
