// What an application does before and after the calls of a repository.
import { CqlError, nameError } from '../base/index.js'
import type { Change, ColumnsOf, Filter, Key, Row } from './row-types.js'
import type { Table } from './table.js'

/** A hook has stopped what it was called before; nothing was sent. */
export class HookCancelledError extends CqlError {
  /** Which hook. */
  readonly hook: string
  constructor(hook: string, table: string, reason: string) {
    super(`${table}: ${hook} has cancelled: ${reason}`, 'CQL_HOOK_CANCELLED', 'permanent')
    this.hook = hook
  }
  static { nameError(this, 'HookCancelledError') }
}

/** What every hook is given. */
export interface HookContext {
  readonly table: string
  /** What the hooks of one call leave for each other. */
  readonly state: Map<unknown, unknown>
  /** Stops the call, if it is called before. @throws HookCancelledError */
  cancel(reason: string): never
}

/** Of hooks around writes. */
export interface WriteContext<T extends Table> extends HookContext {
  readonly operation: 'create' | 'update'
  /** Of an update. */
  readonly key: Key<T> | undefined
  /** What is written: hooks before may change it. */
  values: { -readonly [K in keyof ColumnsOf<T>]?: Change<ColumnsOf<T>[K]> }
}

/** Of hooks around deletions. */
export interface DestroyContext<T extends Table> extends HookContext {
  readonly key: Key<T>
}

/** Of hooks before finds. */
export interface FindContext<T extends Table> extends HookContext {
  /** A hook may change it. */
  filter: Filter<T>
}

/** Of hooks after finds. */
export interface FoundContext<T extends Table> extends HookContext {
  /** A hook may change them, and what is in them. */
  rows: Partial<Row<T>>[]
}

/**
 * The hooks of a table, in the order in which a write calls them: `beforeValidate`, `afterValidate`, `beforeSave`, `beforeCreate` or `beforeUpdate`, then the
 * write, `afterCreate` or `afterUpdate`, `afterSave`. What hooks after validation change is not validated again.
 */
export interface HookContexts<T extends Table> {
  beforeValidate: WriteContext<T>
  afterValidate: WriteContext<T>
  beforeSave: WriteContext<T>
  afterSave: WriteContext<T>
  beforeCreate: WriteContext<T>
  afterCreate: WriteContext<T>
  beforeUpdate: WriteContext<T>
  afterUpdate: WriteContext<T>
  beforeDestroy: DestroyContext<T>
  afterDestroy: DestroyContext<T>
  beforeFind: FindContext<T>
  afterFind: FoundContext<T>
}

/** A hook. What it throws is what the call throws: before the write nothing is sent then, after it the write has been made. */
export type Hook<Context> = (context: Context) => void | Promise<void>

/** Options of a hook. */
export interface HookOptions {
  /** Higher ones are called first, equal ones in the order in which they were added. @default 0 */
  readonly priority?: number | undefined
}

/** Hooks by name, in order. */
export class Hooks<Contexts extends object> {
  readonly #hooks = new Map<keyof Contexts, { readonly hook: Hook<never>; readonly priority: number }[]>()

  /** Adds a hook; returns a function that removes it. */
  add<Name extends keyof Contexts>(name: Name, hook: Hook<Contexts[Name]>, { priority = 0 }: HookOptions = {}): () => void {
    const own = { hook: hook as Hook<never>, priority }
    const others = this.#hooks.get(name) ?? []
    // A list of its own: a call that is under way goes on with the hooks that it began with.
    this.#hooks.set(name, [...others, own].sort((a, b) => b.priority - a.priority))
    return () => this.#hooks.set(name, this.#hooks.get(name)!.filter((each) => each !== own))
  }

  /** Whether there is any, so that nothing is made for nobody. */
  has(...names: readonly (keyof Contexts)[]): boolean {
    return names.some((name) => (this.#hooks.get(name)?.length ?? 0) > 0)
  }

  /** Calls the hooks of a name one after the other. */
  async run<Name extends keyof Contexts>(name: Name, context: Contexts[Name]): Promise<void> {
    for (const { hook } of this.#hooks.get(name) ?? []) {
      (context as { running?: string }).running = String(name)
      await hook(context as never)
    }
  }
}

/** What all contexts have. */
export function hookContext<Rest extends object>(table: string, rest: Rest): Rest & HookContext {
  const context = {
    ...rest, table, state: new Map<unknown, unknown>(), running: '',
    cancel(reason: string): never {
      throw new HookCancelledError(context.running, table, reason)
    },
  }
  return context
}
