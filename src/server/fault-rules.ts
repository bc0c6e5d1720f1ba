import { SeededRandom } from '../base/index.js'
import { errorCodes, errorMessage } from '../protocol/index.js'
import type { OpcodeName, ResponseMessage } from '../protocol/index.js'

/** What is known of a request that passes. */
export interface SeenRequest {
  readonly opcode: OpcodeName
  /** CQL text, also of prepared statements; of a batch its statements, joined by semicolons. Empty for other messages. */
  readonly statement: string
  readonly streamId: number
}

/** Errors that have a name here; any other answer can be given as a message. */
export type NamedFault = 'overloaded' | 'unavailable' | 'bootstrapping' | 'readTimeout' | 'writeTimeout' | 'casWriteTimeout' | 'casWriteUnknown' | 'serverError'

/** Which requests something is done to, and what. Without a condition it is all of them. */
export interface FaultRule {
  readonly opcode?: OpcodeName | readonly OpcodeName[]
  /** Tested against the statement's text, or asked about the request. */
  readonly matching?: RegExp | ((request: SeenRequest) => boolean)
  /** How many requests at most. @default all */
  readonly times?: number
  /** Chance of each request, from 0 to 1. @default 1 */
  readonly probability?: number
  /** Answers in the place of the server, which never sees the request. */
  readonly respond?: NamedFault | ResponseMessage | ((request: SeenRequest) => ResponseMessage)
  /** Holds the answer back for so many milliseconds. */
  readonly delayMs?: number
  /** Loses the request, or its answer, while the connection stays open. */
  readonly drop?: 'request' | 'response'
  /** Breaks the connection in the place of passing the request on, or of passing its answer back. */
  readonly cut?: 'request' | 'response'
  /** Called with each request that it meets. */
  readonly onHit?: (request: SeenRequest) => void
}

interface ActiveRule {
  readonly rule: FaultRule
  left: number
}

/** Rules in the order in which they were added; the first one that a request meets counts. */
export class FaultRules {
  readonly #random: SeededRandom
  readonly #rules = new Set<ActiveRule>()

  /** @param seed of the chances */
  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  /** Adds a rule. @returns a function that takes it away */
  add(rule: FaultRule): () => void {
    const active: ActiveRule = { rule, left: rule.times ?? Number.POSITIVE_INFINITY }
    this.#rules.add(active)
    return () => void this.#rules.delete(active)
  }

  /** How many rules there are. */
  get size(): number {
    return this.#rules.size
  }

  /** Takes all rules away. */
  clear(): void {
    this.#rules.clear()
  }

  /** The rule that a request meets, which counts as one of its `times`. */
  match(request: SeenRequest): FaultRule | undefined {
    for (const active of this.#rules) {
      const { rule } = active
      if (rule.opcode !== undefined && rule.opcode !== request.opcode && !rule.opcode.includes(request.opcode)) continue
      const { matching } = rule
      if (matching && !(typeof matching === 'function' ? matching(request) : matching.test(request.statement))) continue
      if (rule.probability !== undefined && this.#random.next() >= rule.probability) continue
      if (--active.left <= 0) this.#rules.delete(active)
      rule.onHit?.(request)
      return rule
    }
    return undefined
  }
}

const replicas = { consistency: 'quorum', received: 1, required: 2 } as const

/** The answer that a rule gives. */
export function responseOf(respond: NonNullable<FaultRule['respond']>, request: SeenRequest): ResponseMessage {
  if (typeof respond === 'function') return respond(request)
  if (typeof respond === 'object') return respond
  switch (respond) {
    case 'overloaded': return errorMessage(errorCodes.OVERLOADED, 'Injected: overloaded')
    case 'unavailable': return errorMessage(errorCodes.UNAVAILABLE, 'Injected: unavailable', { consistency: 'quorum', required: 2, alive: 1 })
    case 'bootstrapping': return errorMessage(errorCodes.IS_BOOTSTRAPPING, 'Injected: bootstrapping')
    case 'readTimeout': return errorMessage(errorCodes.READ_TIMEOUT, 'Injected: read timeout', { ...replicas, dataPresent: true })
    case 'writeTimeout': return errorMessage(errorCodes.WRITE_TIMEOUT, 'Injected: write timeout', { ...replicas, writeType: 'SIMPLE' })
    case 'casWriteTimeout': return errorMessage(errorCodes.WRITE_TIMEOUT, 'Injected: write timeout', { ...replicas, consistency: 'serial', writeType: 'CAS' })
    case 'casWriteUnknown': return errorMessage(errorCodes.CAS_WRITE_UNKNOWN, 'Injected: CAS unknown', { ...replicas, consistency: 'serial' })
    case 'serverError': return errorMessage(errorCodes.SERVER_ERROR, 'Injected: server error')
  }
}
