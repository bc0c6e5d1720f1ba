// Files of rows: which format and compression a name stands for, and reading and writing them.
import { createReadStream, createWriteStream, openSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import type { WriteStream } from 'node:fs'
import process from 'node:process'
import { pipeline } from 'node:stream'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { OptionError } from '../base/index.js'
import type { RandomAccess } from '../streaming/index.js'

export type FormatName = 'csv' | 'jsonl' | 'parquet' | 'arrow'
export type FileCompression = 'gzip' | 'zstd' | 'none'

const FORMATS: readonly string[] = ['csv', 'jsonl', 'parquet', 'arrow']

/** What a file's name says of what is in it; `-` stands for standard input and output. */
export interface FileKind {
  readonly format: FormatName
  readonly compression: FileCompression
}

/** Says what a file holds. @throws OptionError when neither its name nor the option tells */
export function kindOf(file: string, format: string | undefined): FileKind {
  const compression = file.endsWith('.gz') ? 'gzip' : file.endsWith('.zst') ? 'zstd' : 'none'
  if (compression === 'zstd' && !('createZstdDecompress' in zlib)) throw new OptionError('file', `${file}: this version of Node has no zstd (22.15 and later have); use gzip`)
  const name = format ?? /\.(csv|jsonl|ndjson|parquet|arrow)(\.gz|\.zst)?$/.exec(file)?.[1]?.replace('ndjson', 'jsonl') ?? (file === '-' ? 'csv' : undefined)
  if (name === undefined || !FORMATS.includes(name)) throw new OptionError('format', name === undefined ? `${file}: say what it holds with --format, one of ${FORMATS.join(', ')}` : `--format must be one of ${FORMATS.join(', ')}, not '${name}'`)
  if (name === 'parquet' && compression !== 'none') throw new OptionError('file', `${file}: Parquet is compressed in itself, and is not put into another compression`)
  return { format: name as FormatName, compression }
}

interface Zstd {
  createZstdDecompress(): NodeJS.ReadWriteStream
  zstdCompress(bytes: Uint8Array, callback: (error: Error | null, result: Uint8Array) => void): void
}

/** The bytes of a file, decompressed. */
export function readBytes(file: string, compression: FileCompression, onRead: (bytes: number) => void): AsyncIterable<Uint8Array> {
  const input = counted(file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 }), onRead)
  if (compression === 'none') return input
  const decompress = compression === 'gzip' ? zlib.createGunzip() : (zlib as unknown as Zstd).createZstdDecompress()
  // Errors come out of the last stream.
  return pipeline(input, decompress as zlib.Gunzip, () => {})
}

/** A file for Parquet, which reads it from its end. */
export async function randomAccess(file: string, onRead: (bytes: number) => void): Promise<RandomAccess & AsyncDisposable> {
  if (file === '-') throw new OptionError('file', 'Parquet is read from a file, not from standard input')
  const handle = await open(file)
  const { size } = statSync(file)
  return {
    byteLength: size,
    async slice(start, end = size) {
      const bytes = new Uint8Array(end - start)
      await handle.read(bytes, 0, bytes.length, start)
      onRead(bytes.length)
      return bytes.buffer
    },
    [Symbol.asyncDispose]: () => handle.close(),
  }
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onRead(chunk.length)
    yield chunk
  }
}

const gzip = promisify(zlib.gzip) as (bytes: Uint8Array) => Promise<Uint8Array>

/**
 * A file that is written chunk by chunk. Each chunk is compressed by itself, which both formats allow: so that what is there after any
 * chunk is a whole file, and writing can go on behind it.
 */
export class ByteFile {
  readonly #stream: WriteStream | NodeJS.WriteStream
  readonly #compression: FileCompression
  #error: Error | undefined
  position: number

  /** @param position where to go on; what is behind it is overwritten */
  constructor(file: string, compression: FileCompression, position = 0) {
    this.#compression = compression
    this.position = position
    this.#stream = file === '-' ? process.stdout : createWriteStream(file, { fd: openSync(file, position > 0 ? 'r+' : 'w'), start: position })
    this.#stream.on('error', (error) => { this.#error = error })
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#error) throw this.#error
    const bytes = this.#compression === 'none' ? chunk : this.#compression === 'gzip' ? await gzip(chunk) : await promisify((zlib as unknown as Zstd).zstdCompress)(chunk)
    this.position += bytes.length
    // The callback says that the bytes are with the system, so that a checkpoint is never ahead of them.
    await new Promise<void>((resolve, reject) => { this.#stream.write(bytes, (error) => (error ? reject(error) : resolve())) })
  }

  async close(): Promise<void> {
    if (this.#error) throw this.#error
    if (this.#stream === process.stdout) return
    await new Promise<void>((resolve) => { this.#stream.end(resolve) })
  }
}
