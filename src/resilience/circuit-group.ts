import { Events, OptionError } from '../base/index.js'
import type { Breaker, BreakerStatus } from './breaker.js'
import type { Bulkhead } from './bulkhead.js'
import { DependencyError } from './errors.js'
import type { Limiter, LimiterStatus } from './limiter.js'
import { policy, Unguarded } from './policy.js'
import type { Policy, RunOptions, Task } from './policy.js'

/** A member of a group: what guards it, and what it cannot do without. */
export interface GroupMemberOptions {
  /** @default none */
  readonly breaker?: Breaker | undefined
  /** @default none */
  readonly limiter?: Limiter | undefined
  /** @default none */
  readonly bulkhead?: Bulkhead | undefined
  /** Names of members that must be usable for this one to be. @default none */
  readonly dependsOn?: readonly string[] | undefined
}

/** A member at one moment, as plain data. */
export interface MemberStatus {
  readonly operational: boolean
  readonly shutDown: boolean
  /** Why it is not operational: itself or a member that it depends on. */
  readonly culprit: string | undefined
  readonly breaker: BreakerStatus | undefined
  readonly limiter: LimiterStatus | undefined
  readonly bulkhead: Bulkhead['status'] | undefined
}

/** What a group tells. */
export interface CircuitGroupEvents {
  /** A call was not made, for the sake of another member. */
  reject: DependencyError
  /** Members refuse calls from now on. */
  shutdown: { readonly members: readonly string[] }
  /** All of them begin anew. */
  reset: { readonly members: readonly string[] }
}

interface Member {
  readonly options: GroupMemberOptions
  readonly guard: Policy
  /** All that it depends on, directly or not, each after what it depends on itself. */
  readonly needs: readonly string[]
}

/** Services that depend on each other, each behind its own breaker, limiter and bulkhead, started and stopped together. */
export class CircuitGroup {
  readonly events: Events<CircuitGroupEvents> = new Events()
  readonly #members = new Map<string, Member>()
  readonly #shutDown = new Set<string>()

  /** @throws OptionError when a dependency is unknown, or members depend on each other in a circle */
  constructor(members: Readonly<Record<string, GroupMemberOptions>>) {
    const needs = new Map<string, readonly string[]>()
    const reach = (name: string, path: readonly string[]): readonly string[] => {
      if (path.includes(name)) throw new OptionError('dependsOn', `Members depend on each other in a circle: ${[...path.slice(path.indexOf(name)), name].join(' -> ')}`)
      const known = needs.get(name)
      if (known) return known
      const { dependsOn = [] } = members[name]!
      const unknown = dependsOn.find((other) => !Object.hasOwn(members, other))
      if (unknown !== undefined) throw new OptionError('dependsOn', `'${name}' depends on '${unknown}', which is no member`)
      const all = [...new Set(dependsOn.flatMap((other) => [...reach(other, [...path, name]), other]))]
      needs.set(name, all)
      return all
    }
    for (const [name, options] of Object.entries(members)) {
      const guards = [options.limiter, options.bulkhead, options.breaker].filter((guard) => guard !== undefined)
      this.#members.set(name, { options, needs: reach(name, []), guard: policy(new Unguarded(), ...guards) })
    }
  }

  #member(name: string): Member {
    const member = this.#members.get(name)
    if (!member) throw new OptionError('name', `There is no member '${name}'; there are ${[...this.#members.keys()].join(', ')}`)
    return member
  }

  /** The first member at fault, if one cannot be used: what it depends on comes before itself. */
  #culprit(name: string): { readonly culprit: string; readonly why: string } | undefined {
    for (const candidate of [...this.#member(name).needs, name]) {
      if (this.#shutDown.has(candidate)) return { culprit: candidate, why: 'is shut down' }
      if (this.#members.get(candidate)!.options.breaker?.blocked === true) return { culprit: candidate, why: 'has an open breaker' }
    }
    return undefined
  }

  /** Whether a member can be used, or all of them. */
  operational(name?: string): boolean {
    return name === undefined ? [...this.#members.keys()].every((each) => this.#culprit(each) === undefined) : this.#culprit(name) === undefined
  }

  /**
   * Runs a function as a member: under its limiter, bulkhead and breaker, and only while all that it depends on can be used.
   *
   * @throws DependencyError naming the culprit, besides what the guards and the function throw
   */
  execute<T>(name: string, task: Task<T>, options?: RunOptions): Promise<T> {
    const { guard } = this.#member(name)
    const fault = this.#culprit(name)
    // Its own breaker speaks for itself; everything else is a matter of the group.
    if (fault && (fault.culprit !== name || this.#shutDown.has(name))) {
      const error = new DependencyError(name, fault.culprit, fault.why)
      this.events.emit('reject', error)
      return Promise.reject(error)
    }
    return guard.run(task, options)
  }

  /** Refuses further calls of a member, or of all: those under way go on. */
  shutdown(name?: string): void {
    const members = name === undefined ? [...this.#members.keys()] : [name]
    for (const each of members) {
      this.#member(each)
      this.#shutDown.add(each)
    }
    this.events.emit('shutdown', { members })
  }

  /** Undoes {@link shutdown}, closes all breakers and forgets what limiters have counted. */
  resetAll(): void {
    this.#shutDown.clear()
    for (const { options } of this.#members.values()) {
      options.breaker?.setMode('automatic')
      options.breaker?.reset()
      options.limiter?.reset()
    }
    this.events.emit('reset', { members: [...this.#members.keys()] })
  }

  /** All members at one and the same moment. */
  status(): Readonly<Record<string, MemberStatus>> {
    return Object.fromEntries([...this.#members].map(([name, { options }]) => {
      const fault = this.#culprit(name)
      return [name, {
        operational: fault === undefined, shutDown: this.#shutDown.has(name), culprit: fault?.culprit,
        breaker: options.breaker?.status, limiter: options.limiter?.status, bulkhead: options.bulkhead?.status,
      }]
    }))
  }
}
