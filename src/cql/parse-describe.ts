import type { DescribeStatement } from './ast.js'
import type { TokenReader } from './token-reader.js'

const plain = ['CLUSTER', 'KEYSPACES', 'TABLES', 'TYPES', 'FUNCTIONS', 'AGGREGATES', 'SCHEMA'] as const

const named = [
  [['TABLE'], 'table'], [['COLUMNFAMILY'], 'table'], [['INDEX'], 'index'], [['MATERIALIZED', 'VIEW'], 'materialized view'], [['TYPE'], 'type'], [['FUNCTION'], 'function'], [['AGGREGATE'], 'aggregate'],
] as const

/** Reads a DESCRIBE. */
export function parseDescribe(reader: TokenReader): DescribeStatement {
  const { start } = reader
  reader.next()
  const what = subject(reader)
  return { kind: 'describe', what, internals: reader.word('WITH', 'INTERNALS'), ...reader.span(start) }
}

function subject(reader: TokenReader): DescribeStatement['what'] {
  if (reader.word('FULL', 'SCHEMA')) return { kind: 'full schema' }
  for (const word of plain) if (reader.isWord(word) && isLast(reader) && reader.word(word)) return { kind: word.toLowerCase() as 'cluster' }
  const only = reader.word('ONLY', 'KEYSPACE')
  if (only || reader.word('KEYSPACE')) return { kind: 'keyspace', name: isLast(reader, 0) ? undefined : reader.name(), only }
  for (const [words, kind] of named) if (!isLast(reader) && reader.word(...words)) return { kind, name: reader.qualifiedName() }
  return { kind: 'anything', name: reader.qualifiedName() }
}

/** Whether the statement ends after some more words: then `tables` may be what is asked for, and else it is in a name. */
function isLast(reader: TokenReader, ahead = 1): boolean {
  return reader.peek(ahead).kind === 'end' || reader.isMark(';', ahead) || (reader.isWord('WITH', ahead) && reader.isWord('INTERNALS', ahead + 1))
}
