// The leaf #bytes for fuzzing: as that of Node, and counts the memory that codecs take.
import { allocate as take } from '../../src/base/bytes.node.js'
import { Finding } from './target.js'

export { latin1Decode, utf8Decode, utf8Encode } from '../../src/base/bytes.node.js'

/** No input of a few KiB may make a decoder take more than this. */
const MOST = 16 * 1024 * 1024
let left = Number.POSITIVE_INFINITY

/** As the real one. @throws Finding when an input has taken too much */
export function allocate(length: number): Uint8Array {
  left -= length
  if (left < 0) throw new Finding(`more than ${MOST} bytes of memory for one input`)
  return take(length)
}

/** Runs something that may take so much memory and no more. */
export function withinMemory<T>(run: () => T): T {
  left = MOST
  try {
    return run()
  } finally {
    left = Number.POSITIVE_INFINITY
  }
}
