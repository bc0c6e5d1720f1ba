// Which rules of the grammar a statement uses: kinds of nodes of its syntax tree, operators, and clauses.
import { parseStatement } from '../../src/cql/index.js'

/** Parts of nodes that are a clause of their own where they are there and not empty. */
const clauses: ReadonlySet<string> = new Set([
  'json', 'distinct', 'groupBy', 'orderBy', 'ann', 'perPartitionLimit', 'limit', 'allowFiltering', 'alias', 'star', 'slice', 'timestamp', 'ttl', 'conditions', 'ifNotExists', 'ifExists', 'orReplace', 'clusteringOrder', 'isStatic', 'mask', 'custom', 'using',
  'argumentTypes', 'only', 'deletions', 'hasKeyClause',
])
const there = (value: unknown): boolean => value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0) && !(typeof value === 'object' && value !== null && Object.values(value).every((part) => part === undefined))

/** @returns names of the rules, such as `select`, `select.groupBy`, `literal:uuid`, `binary:+`, `relation IN`; none for what is no CQL */
export function productionsOf(text: string): Set<string> {
  const found = new Set<string>()
  const walk = (node: unknown, owner: string, role: string): void => {
    if (Array.isArray(node)) {
      for (const part of node) walk(part, owner, role)
      return
    }
    if (typeof node !== 'object' || node === null) return
    const { kind, type, operator, target, of, key, field } = node as Readonly<Record<string, unknown>>
    const name = typeof kind === 'string' ? (role === '' || role === 'term' ? kind : `${owner}.${role}: ${kind}`) : owner
    if (typeof kind === 'string') found.add(name)
    if (kind === 'literal') found.add(`literal: ${String(type)}`)
    if (kind === 'batch') found.add(`batch: ${String(type)}`)
    if (kind === 'drop') found.add(`drop ${String(target)}`)
    if (typeof operator === 'string') found.add(kind === 'binary' ? `binary ${operator}` : `${role} ${operator}`)
    if (role === 'targets') found.add(`index of ${String(of)}`)
    if (role === 'deletions' || role === 'list') found.add(`${role} of ${key === undefined ? (field === undefined ? 'a column' : 'a field') : 'an element'}`)
    for (const [part, value] of Object.entries(node)) {
      if (clauses.has(part) && there(value)) found.add(`${name}.${part}`)
      walk(value, name, terms.has(part) ? 'term' : part)
    }
  }
  try {
    walk(parseStatement(text), '', '')
  } catch { /* no CQL */ }
  return found
}

/** Parts in which any term may stand. */
const terms: ReadonlySet<string> = new Set(['value', 'values', 'items', 'entries', 'fields', 'args', 'term', 'left', 'right', 'selectors', 'key', 'from', 'to', 'perPartitionLimit', 'limit', 'timestamp', 'ttl', 'of', 'ann', 'initialCondition', 'groupBy'])
