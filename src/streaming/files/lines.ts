import { Flow, flow } from '../flow.js'
import type { Input } from '../source.js'

/** A line of a text, and its number, from 1. */
export interface Line {
  readonly line: number
  readonly text: string
}

/** Cuts bytes in UTF-8 into lines; empty ones are counted and left out. */
export function linesOf(chunks: Input<Uint8Array>): Flow<Line> {
  return new Flow(() => {
    const decoder = new TextDecoder()
    let rest = ''
    let line = 0
    const cut = (text: string, isLast: boolean): Line[] => {
      const parts = (rest + text).split('\n')
      rest = isLast ? '' : parts.pop()!
      const lines: Line[] = []
      for (const part of parts) {
        line++
        const trimmed = part.endsWith('\r') ? part.slice(0, -1) : part
        if (trimmed !== '') lines.push({ line, text: trimmed })
      }
      return lines
    }
    const end = function* (): Generator<Uint8Array | undefined> { yield undefined }
    const all = flow<Uint8Array | undefined>(concat(chunks, end()))
    return all.flatMap((chunk) => (chunk === undefined ? cut(decoder.decode(), true) : cut(decoder.decode(chunk, { stream: true }), false))).open()
  })
}

async function* concat<T>(...inputs: readonly Input<T>[]): AsyncGenerator<T> {
  for (const input of inputs) yield* flow(input)
}
