import fc from 'fast-check'
import { CodecError } from '../../src/base/index.js'
import { parseType, typeFromClassName, typeToClassName, typeToCql } from '../../src/codecs/index.js'
import { CqlParseError, parseStatement } from '../../src/cql/index.js'
import { any } from '../support/arbitraries.js'
import { holds } from './target.js'
import type { Target } from './target.js'

const statements = [
  "SELECT a, count(*), writetime(b), cast(c AS text) FROM k.t WHERE a = ? AND (b, c) > (1, 'x') AND token(a) <= ? AND d IN (1, 2) AND m CONTAINS KEY 'k' GROUP BY a ORDER BY b DESC PER PARTITION LIMIT 2 LIMIT 10 ALLOW FILTERING",
  "INSERT INTO k.t (a, b, c) VALUES (1, {'x': [1, 2.5, -3e4]}, {f: 0xCAFE, g: $$text$$}) IF NOT EXISTS USING TTL 10 AND TIMESTAMP ?",
  "UPDATE k.t USING TTL ? SET a = a + 1, b[2] = 'y', c.d = {1, 2}, e = :name WHERE k = 1d2h AND u = 123e4567-e89b-12d3-a456-426614174000 IF a > 1 AND b != null",
  'DELETE a, b[1] FROM k."T t" USING TIMESTAMP 5 WHERE a = -1 IF EXISTS',
  "BEGIN UNLOGGED BATCH USING TIMESTAMP 1 INSERT INTO t (a) VALUES (1); UPDATE t SET b = 2 WHERE a = 3; APPLY BATCH",
  "CREATE TABLE IF NOT EXISTS k.t (a int, b frozen<map<text, list<int>>> static, c vector<float, 3>, PRIMARY KEY ((a, b), c)) WITH CLUSTERING ORDER BY (c DESC) AND comment = 'x' AND compaction = {'class': 'LCS'}",
  'ALTER TABLE t ADD (a int, b text) -- comment\n', 'DROP KEYSPACE IF EXISTS k /* c */', "CREATE TYPE k.u (a int, b tuple<int, text>)", 'TRUNCATE t', 'USE "K"',
]
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Text that becomes CQL, a type as CQL or a type as Java classes, by the first byte: a tree or an error that says where. */
export const textTarget: Target = {
  name: 'text',
  keep: 1,
  seeds: (seed) => [
    ...statements.map((text) => Uint8Array.of(0, ...encoder.encode(text))),
    ...fc.sample(any.type(4), { seed, numRuns: 300 }).flatMap((type) => [Uint8Array.of(1, ...encoder.encode(typeToCql(type))), Uint8Array.of(2, ...encoder.encode(typeToClassName(type)))]),
  ],
  run(input) {
    const text = decoder.decode(input.subarray(1))
    try {
      if (input[0]! % 3 === 0) {
        parseStatement(text)
        return 0
      }
      if (input[0]! % 3 === 1) {
        const type = parseType(text, (name, keyspace) => ({ kind: 'udt', keyspace: keyspace ?? 'k', name, fields: [] }))
        const written = typeToCql(type)
        holds(typeToCql(parseType(written, (name) => ({ kind: 'udt', keyspace: 'k', name, fields: [] }))) === written, `${written} is read as another type`)
        return 0
      }
      const written = typeToClassName(typeFromClassName(text))
      holds(typeToClassName(typeFromClassName(written)) === written, `${written} is read as another class`)
    } catch (error) {
      if (!(error instanceof CodecError) && !(error instanceof CqlParseError)) throw error
    }
    return 0
  },
}
