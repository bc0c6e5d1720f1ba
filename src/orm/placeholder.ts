import { OptionError } from '../base/index.js'

/** Where a compiled query puts a value: made by {@link placeholder}. */
export class Placeholder<Name extends string = string> {
  readonly name: Name
  /** @internal */
  constructor(name: Name) {
    this.name = name
  }
}

/**
 * The place of a value that is given when a compiled query is run.
 *
 * @param name of the value there
 * @throws OptionError when the name is empty
 */
export function placeholder<Name extends string>(name: Name): Placeholder<Name> {
  if (typeof name !== 'string' || name === '') throw new OptionError('name', 'A placeholder has a name that is not empty')
  return new Placeholder(name)
}

/** A placeholder among the values of a query, with what makes a bound value of the one that is given. */
export class Slot {
  readonly name: string
  /** Checks a value, and maps it to the CQL type's own. */
  readonly bind: (value: unknown) => unknown
  constructor({ name }: Placeholder, bind: (value: unknown) => unknown) {
    this.name = name
    this.bind = bind
  }
}
