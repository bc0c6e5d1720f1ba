import { Events, OptionError } from '../base/index.js'
import type { Breaker, BreakerStatus } from './breaker.js'

/** A breaker among others, and those that cannot work without it. */
export interface GraphMember {
  readonly breaker: Breaker
  /** Names of the members that depend on it. */
  readonly cascadesTo?: readonly string[] | undefined
}

/** What a graph tells. */
export interface GraphEvents {
  /** A member is held open because `cause` is not closed, or no longer. */
  cascade: { readonly cause: string; readonly member: string; readonly held: boolean }
}

/** A member with those that depend on it. */
export interface StatusTree extends BreakerStatus {
  readonly dependents: readonly StatusTree[]
}

/**
 * Breakers that depend on each other: while one is open, all that depend on it, directly or through others, are held open; each is let
 * go when nothing holds it any more. What a dependent has seen itself stays untouched.
 */
export class BreakerGraph {
  readonly events: Events<GraphEvents> = new Events()
  readonly #members: ReadonlyMap<string, GraphMember>
  /** All that depend on each, directly or not. */
  readonly #descendants = new Map<string, readonly string[]>()

  /** @throws OptionError when a name is unknown, or members depend on each other in a circle */
  constructor(members: Readonly<Record<string, GraphMember>>) {
    this.#members = new Map(Object.entries(members))
    for (const [name, { cascadesTo = [] }] of this.#members) {
      const unknown = cascadesTo.find((dependent) => !this.#members.has(dependent))
      if (unknown !== undefined) throw new OptionError('cascadesTo', `'${name}' cascades to '${unknown}', which is no member`)
    }
    for (const name of this.#members.keys()) this.#reach(name, [])
    for (const [name, { breaker }] of this.#members) {
      breaker.events.on('stateChange', ({ to }) => this.#onState(name, to !== 'closed'))
      if (breaker.state !== 'closed') this.#onState(name, true)
    }
  }

  /** Works out who depends on a member, once, and refuses circles. */
  #reach(name: string, path: readonly string[]): readonly string[] {
    if (path.includes(name)) throw new OptionError('cascadesTo', `Breakers depend on each other in a circle: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`)
    const known = this.#descendants.get(name)
    if (known) return known
    const direct = this.#members.get(name)!.cascadesTo ?? []
    const all = [...new Set(direct.flatMap((dependent) => [dependent, ...this.#reach(dependent, [...path, name])]))]
    this.#descendants.set(name, all)
    return all
  }

  #onState(cause: string, held: boolean): void {
    for (const member of this.#descendants.get(cause)!) {
      const { breaker } = this.#members.get(member)!
      if (held === breaker.status.causes.includes(cause)) continue
      if (held) breaker.hold(cause)
      else breaker.release(cause)
      this.events.emit('cascade', { cause, member, held })
    }
  }

  /** @throws OptionError when there is no member of that name */
  get(name: string): Breaker {
    const member = this.#members.get(name)
    if (!member) throw new OptionError('name', `There is no breaker '${name}'; there are ${[...this.#members.keys()].join(', ')}`)
    return member.breaker
  }

  /** Closes a breaker, and with `cascade` all that depend on it, too. */
  reset(name: string, options: { readonly cascade?: boolean } = {}): void {
    this.get(name).reset()
    if (options.cascade === true) for (const member of this.#descendants.get(name)!) this.get(member).reset()
  }

  /** All members, beginning with those that depend on nobody. */
  get status(): readonly StatusTree[] {
    const dependents = new Set([...this.#members.values()].flatMap(({ cascadesTo = [] }) => cascadesTo))
    const tree = (name: string): StatusTree => ({ ...this.get(name).status, name, dependents: (this.#members.get(name)!.cascadesTo ?? []).map(tree) })
    return [...this.#members.keys()].filter((name) => !dependents.has(name)).map(tree)
  }
}
