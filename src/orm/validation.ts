import { unset } from '../codecs/index.js'
import { issuesOf } from './checks.js'
import type { Issue } from './checks.js'
import { ValidationError } from './errors.js'
import { Placeholder } from './placeholder.js'
import { isTests } from './relation.js'
import type { TableColumn, TableModel } from './table.js'

/**
 * Asks the checks of columns about values that are to be written. Nothing is asked about null, nor about changes of collections and counters.
 *
 * @throws ValidationError with every fault there is
 */
export async function validate(table: TableModel, values: readonly (readonly [column: TableColumn, value: unknown])[]): Promise<void> {
  const issues: Issue[] = []
  for (const [{ property, column: { checks } }, value] of values) {
    if (checks.length === 0 || value === null || value === undefined || value === unset || value instanceof Placeholder || isTests(value)) continue
    for (const check of checks) {
      const found = issuesOf(check, value, [property])
      for (const issue of found instanceof Promise ? await found : found) issues.push(issue)
    }
  }
  if (issues.length > 0) throw new ValidationError(table.name, issues)
}
