import type { Operator } from '../cql/index.js'

/** Whether a comparison holds, given the order of its two sides. */
export function satisfies(operator: Operator, difference: number): boolean {
  switch (operator) {
    case '=': return difference === 0
    case '!=': return difference !== 0
    case '<': return difference < 0
    case '<=': return difference <= 0
    case '>': return difference > 0
    case '>=': return difference >= 0
    default: return false
  }
}
