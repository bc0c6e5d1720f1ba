/** Columns of a row beyond which its list is its own; and lists that are shared at most. */
const [MOST_COLUMNS, MOST_LISTS] = [32, 4096]

/** Names of columns that rows have cells of: rows that were written alike share one list. */
export class ColumnLists {
  readonly empty: readonly string[] = []
  readonly #longer = new Map<readonly string[], Map<string, readonly string[]>>()
  #count = 0

  /** A list with one name more. */
  with(names: readonly string[], name: string): readonly string[] {
    let next = this.#longer.get(names)
    const known = next?.get(name)
    if (known) return known
    const longer = [...names, name]
    if (names.length >= MOST_COLUMNS || this.#count >= MOST_LISTS) return longer
    this.#count++
    if (!next) this.#longer.set(names, (next = new Map()))
    next.set(name, longer)
    return longer
  }
}
