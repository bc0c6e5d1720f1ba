// CQL section by section. The embedded server answers each statement as Cassandra does: rows in order, columns, error codes, warnings.

/** Statements that are run one after the other, in a keyspace of their own. */
export interface Section {
  readonly name: string
  readonly statements: readonly string[]
}

/** Where the embedded server is another one, on purpose: by statement, with the reason. */
export const known: ReadonlyMap<string, string> = new Map([
  ['INSERT INTO t (k, tiny) VALUES (1, 0xcafe)', 'Cassandra takes hexadecimal constants of any length for a tinyint, and cannot read them'],
  ['SELECT -n FROM t', 'Cassandra takes -n for the beginning of -NaN'],
  ...['min(v), max(v) FROM o14asc', 'min(c), max(c) FROM o14asc', 'min(v), max(v) FROM o14desc'].map((what): [string, string] => [`SELECT ${what}`, 'Cassandra 5.0.6 says that min and max of a timeuuid are of an inner class of its own, which clients do not know']),
])

const grid = (template: string, ...values: readonly (readonly string[])[]): string[] => {
  const [first, ...rest] = values
  if (!first) return [template]
  return first.flatMap((value) => grid(template.replace('%', value), ...rest))
}

/** Values of each type, in no order. */
const values: Readonly<Record<string, readonly string[]>> = {
  ascii: ["'b'", "'a'", "'ab'", "'Z'"], bigint: ['-1', '9000000000', '0', '-9000000000'], blob: ['0x02', '0x01ff', '0xff', '0x01'], boolean: ['true', 'false'],
  date: ["'2024-02-29'", "'1969-12-31'", "'2024-03-01'", "'0001-01-01'"], decimal: ['1.50', '-2', '1.6', '1E+3', '-2.01'], double: ['1.5', '-0.0', '0.0', '-Infinity', 'NaN', '1e300'], float: ['1.5', '-0.0', '0.0', 'Infinity', 'NaN', '-3'],
  inet: ["'127.0.0.1'", "'10.0.0.1'", "'::1'", "'255.255.255.255'", "'2001:db8::1'"], int: ['5', '-1', '0', '2147483647'], smallint: ['5', '-1', '0', '32767'], text: ["'b'", "'a'", "'\u00fc'", "'ab'", "'B'"],
  time: ["'12:00:00'", "'00:00:00.000000001'", "'23:59:59.999999999'"], timestamp: ["'2024-02-29T12:34:56.789Z'", "'1969-12-31T00:00:00Z'", '0', "'2024-02-29'"],
  timeuuid: ['13814000-1dd2-11b2-8080-808080808080', '6ab09bec-e68e-11d9-a5f8-97e6fb4c9b47', '13814000-1dd2-11b2-7f80-808080808080'], tinyint: ['5', '-1', '0', '127'],
  uuid: ['6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47', '13814000-1dd2-11b2-8080-808080808080', 'f0000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-000000000000'], varint: ['99999999999999999999', '-1', '0', '-99999999999999999999', '255'],
  'frozen<list<int>>': ['[1, 2]', '[1]', '[]', '[2]', '[-1]'], 'frozen<tuple<int, text>>': ["(1, 'a')", "(1, null)", "(0, 'z')", "(1, 'A')"],
}
const typeOf: Readonly<Record<string, string>> = Object.fromEntries(Object.keys(values).filter((type) => !type.includes('<')).map((type) => [`c_${type}`, type]))
const numeric = ['tinyint', 'smallint', 'int', 'bigint', 'varint', 'float', 'double', 'decimal'].map((type) => `c_${type}`)

export const sections: readonly Section[] = [
  {
    name: 'relations of keys',
    statements: [
      'CREATE TABLE t (a int, b int, c int, d int, e text, s text static, PRIMARY KEY ((a, b), c, d))',
      ...[1, 2].flatMap((a) => [1, 2].flatMap((b) => [1, 2, 3].flatMap((c) => [1, 2, 3].map((d) => `INSERT INTO t (a, b, c, d, e, s) VALUES (${a}, ${b}, ${c}, ${d}, '${a}${b}${c}${d}', 's${a}${b}')`)))),
      'SELECT * FROM t', 'SELECT a, b, s FROM t', 'SELECT DISTINCT a, b FROM t', 'SELECT DISTINCT a, b, s FROM t', 'SELECT DISTINCT a FROM t', 'SELECT DISTINCT c FROM t', 'SELECT DISTINCT a, b, e FROM t',
      ...grid('SELECT * FROM t WHERE %', ['a = 1', 'b = 1', 'a = 1 AND b = 1', 'a = 1 AND b IN (2, 1)', 'a IN (2, 1) AND b IN (1, 2)', 'a = 1 AND b = 1 AND c = 2', 'a = 1 AND b = 1 AND c = 2 AND d = 3', 'a = 1 AND b = 1 AND d = 3', 'a = 1 AND b = 1 AND c > 1', 'a = 1 AND b = 1 AND c >= 2 AND c < 3',
        'a = 1 AND b = 1 AND c > 1 AND d = 1', 'a = 1 AND b = 1 AND c IN (3, 1)', 'a = 1 AND b = 1 AND c IN (3, 1) AND d > 1', 'a = 1 AND b = 1 AND c IN (3, 1) AND d IN (2, 1)', 'a = 1 AND b = 1 AND (c, d) > (1, 2)', 'a = 1 AND b = 1 AND (c, d) >= (1, 2) AND (c) < (3)', 'a = 1 AND b = 1 AND (c, d) IN ((3, 1), (1, 2))',
        'a = 1 AND b = 1 AND (c, d) = (1, 2)', 'a = 1 AND b = 1 AND (d) > (1)', 'a = 1 AND b = 1 AND (d, c) > (1, 1)', 'a = 1 AND b > 1', 'a > 1 AND b = 1', "e = '1111'", "a = 1 AND b = 1 AND e = '1111'", "a = 1 AND b = 1 AND s = 's11'", 'token(a, b) > 0', 'token(a, b) > token(1, 1)', 'token(a, b) >= token(1, 1) AND token(a, b) <= token(1, 1)', 'token(b, a) > 0', 'token(a) > 0',
        'a = 1 AND b = 1 AND c = 1 AND c = 2', 'a = 1 AND b = 1 AND a = 2', 'a = 1 AND b = 1 AND c > 1 AND c > 2', 'a = 1 AND b = 1 AND c != 1', 'a = null AND b = 1', 'a = 1 AND b = 1 AND c = null', "a = 'x' AND b = 1", 'a = 1 AND b = 1 AND nope = 1', 'a IN () AND b = 1', 'a = 1 AND b = 1 AND c IN ()', "a = 1 AND b = 1 AND e CONTAINS 'x'", "a = 1 AND b = 1 AND e LIKE '1%'", 'a = 1 AND b = 1 AND c IN (1, 1, 2)', 'a = 1 AND b = 1 AND s IS NOT NULL']),
      ...grid('SELECT c, d FROM t WHERE a = 1 AND b = 1 % %', ['ORDER BY c', 'ORDER BY c DESC', 'ORDER BY c DESC, d DESC', 'ORDER BY c ASC, d DESC', 'ORDER BY d', 'AND c = 1 ORDER BY d DESC', 'ORDER BY e', 'ORDER BY a', 'GROUP BY c', 'GROUP BY a, b, c', 'GROUP BY d', 'GROUP BY e', 'AND c = 1 GROUP BY d', ''], ['', 'LIMIT 2', 'PER PARTITION LIMIT 2']),
      'SELECT c, d FROM t WHERE a IN (1, 2) AND b = 1 ORDER BY c DESC', 'SELECT c, d FROM t ORDER BY c', 'SELECT c, d FROM t LIMIT 0', 'SELECT c, d FROM t LIMIT -1', 'SELECT c FROM t PER PARTITION LIMIT 0', 'SELECT a, b, c FROM t PER PARTITION LIMIT 1', 'SELECT a, b, c FROM t PER PARTITION LIMIT 2 LIMIT 3',
      ...grid('SELECT a, b, c, d FROM t WHERE % ALLOW FILTERING', ['c = 2', "e = '1111'", 'd > 2', 'a = 1', 'a > 1', 'b IN (1)', "s = 's21'", 'c IN (1, 2) AND d = 1', '(c, d) > (2, 2)', "e != '1111'", 'c != 2', 'a != 1', 'token(a, b) > 0 AND c = 1', "e > '2'", 'a = 1 AND b = 1 AND d = 2']),
      'SELECT count(*) FROM t', 'SELECT count(1) FROM t WHERE a = 1 AND b = 1', 'SELECT count(e), min(c), max(d), sum(c), avg(d) FROM t WHERE a = 1 AND b = 2', 'SELECT a, b, count(*) FROM t GROUP BY a, b', 'SELECT a, b, c, max(d), e FROM t GROUP BY a, b, c', 'SELECT a, b, c, max(d) FROM t GROUP BY a, b, c LIMIT 3', 'SELECT a, b, c, max(d) FROM t GROUP BY a, b, c PER PARTITION LIMIT 2', 'SELECT a, count(*) FROM t GROUP BY a', 'SELECT min(e), max(e) FROM t', 'SELECT sum(e) FROM t', 'SELECT max(s) FROM t', 'SELECT nope(a) FROM t', 'SELECT nope FROM t', 'SELECT * FROM nope', 'SELECT * FROM nope.t',
    ],
  },
  {
    name: 'writes',
    statements: [
      'CREATE TABLE t (k int, c int, v int, w text, s int static, PRIMARY KEY (k, c))',
      "INSERT INTO t (k, c, v, w, s) VALUES (1, 1, 1, 'a', 5) USING TIMESTAMP 1000", 'INSERT INTO t (k, c, v) VALUES (1, 1, 2) USING TIMESTAMP 999', 'SELECT * FROM t', 'INSERT INTO t (k, c, v) VALUES (1, 1, 3) USING TIMESTAMP 1000', 'SELECT * FROM t', 'INSERT INTO t (k, c, v) VALUES (1, 1, 2) USING TIMESTAMP 1000', 'SELECT * FROM t', 'SELECT k, v, writetime(v), writetime(w), writetime(s), ttl(v) FROM t', 'DELETE v FROM t USING TIMESTAMP 1000 WHERE k = 1 AND c = 1', 'SELECT * FROM t', 'DELETE FROM t USING TIMESTAMP 1000 WHERE k = 1 AND c = 1', 'SELECT * FROM t',
      'INSERT INTO t (k, s) VALUES (2, 7)', 'SELECT * FROM t WHERE k = 2', 'SELECT k, c, s FROM t WHERE k = 2', 'SELECT c FROM t WHERE k = 2', 'INSERT INTO t (k, v) VALUES (2, 7)', 'INSERT INTO t (c, v) VALUES (2, 7)', 'INSERT INTO t (k, c) VALUES (3, 1)', 'SELECT * FROM t WHERE k = 3', 'UPDATE t SET v = 1 WHERE k = 4 AND c = 1', 'SELECT * FROM t WHERE k = 4', 'DELETE v FROM t WHERE k = 4 AND c = 1', 'SELECT * FROM t WHERE k = 4', 'DELETE v FROM t WHERE k = 3 AND c = 1', 'SELECT * FROM t WHERE k = 3',
      'UPDATE t SET v = null WHERE k = 3 AND c = 1', 'SELECT * FROM t WHERE k = 3', 'UPDATE t SET s = 1 WHERE k = 3', 'UPDATE t SET s = 1, v = 2 WHERE k = 3', 'UPDATE t SET v = 2 WHERE k = 3', 'UPDATE t SET c = 2 WHERE k = 3', 'UPDATE t SET v = 2 WHERE c = 3', 'UPDATE t SET v = 2 WHERE k = 3 AND c = 3 AND v = 1', 'UPDATE t SET v = 2 WHERE k = 3 AND c > 3', 'UPDATE t SET v = 2 WHERE k IN (3, 4) AND c IN (1, 2)', 'SELECT * FROM t', "UPDATE t SET v = 'x' WHERE k = 1 AND c = 1", 'UPDATE t SET nope = 1 WHERE k = 1 AND c = 1', 'UPDATE t SET v = 1, v = 2 WHERE k = 1 AND c = 1',
      'DELETE FROM t WHERE k = 3 AND c > 1', 'SELECT * FROM t', 'DELETE FROM t WHERE k IN (3, 4)', 'SELECT * FROM t', 'DELETE FROM t WHERE c = 1', 'DELETE FROM t WHERE k = 1 AND v = 1', 'DELETE k FROM t WHERE k = 1 AND c = 1', 'DELETE v FROM t WHERE k = 1', 'DELETE s FROM t WHERE k = 2', 'DELETE s FROM t WHERE k = 2 AND c = 1', 'DELETE FROM t', 'DELETE nope FROM t WHERE k = 1 AND c = 1',
      'INSERT INTO t (k, c, v) VALUES (5, 1, 1) USING TTL 1000', 'UPDATE t USING TTL 0 SET w = \'x\' WHERE k = 5 AND c = 1', 'SELECT v, w, ttl(w) FROM t WHERE k = 5', 'INSERT INTO t (k, c, v) VALUES (5, 1, 1) USING TTL -1', 'INSERT INTO t (k, c, v) VALUES (5, 1, 1) USING TTL 630720001', 'DELETE FROM t USING TTL 5 WHERE k = 1', 'INSERT INTO t (k, c, v) VALUES (5, null, 1)', "INSERT INTO t (k, c, v) VALUES (5, 1, '1')", 'INSERT INTO t (k, c, v, v) VALUES (5, 1, 1, 1)', 'INSERT INTO t (k, c, v) VALUES (5, 1)', 'INSERT INTO t (k, c, v) VALUES (5, 1, 2147483648)', 'TRUNCATE t', 'SELECT * FROM t',
      'BEGIN BATCH INSERT INTO t (k, c, v) VALUES (1, 1, 1); UPDATE t SET w = \'b\' WHERE k = 1 AND c = 1; DELETE v FROM t WHERE k = 2 AND c = 1; APPLY BATCH', 'SELECT * FROM t', 'BEGIN UNLOGGED BATCH USING TIMESTAMP 5 INSERT INTO t (k, c, v) VALUES (9, 1, 1); APPLY BATCH', 'SELECT v, writetime(v) FROM t WHERE k = 9', 'BEGIN BATCH USING TIMESTAMP 5 INSERT INTO t (k, c, v) VALUES (9, 1, 1) USING TIMESTAMP 6; APPLY BATCH', 'BEGIN BATCH USING TTL 5 INSERT INTO t (k, c, v) VALUES (9, 1, 1); APPLY BATCH', 'BEGIN COUNTER BATCH INSERT INTO t (k, c, v) VALUES (9, 1, 1); APPLY BATCH', 'BEGIN BATCH APPLY BATCH',
    ],
  },
  {
    name: 'lightweight transactions',
    statements: [
      'CREATE TABLE t (k int, c int, v int, w text, l list<int>, m map<text, int>, se set<int>, s int static, PRIMARY KEY (k, c))',
      "INSERT INTO t (k, c, v, w, l, m, se, s) VALUES (1, 1, 1, 'a', [1, 2], {'x': 1}, {1, 2}, 9) IF NOT EXISTS", 'INSERT INTO t (k, c, v) VALUES (1, 1, 2) IF NOT EXISTS', 'SELECT * FROM t', 'UPDATE t SET v = 2 WHERE k = 1 AND c = 1 IF v = 1', 'UPDATE t SET v = 3 WHERE k = 1 AND c = 1 IF v = 1', 'UPDATE t SET v = 3 WHERE k = 1 AND c = 1 IF v = 1 AND w = \'a\'', 'UPDATE t SET v = 3 WHERE k = 1 AND c = 1 IF EXISTS', 'UPDATE t SET v = 3 WHERE k = 1 AND c = 2 IF EXISTS', 'UPDATE t SET v = 3 WHERE k = 2 AND c = 2 IF v = null', 'SELECT * FROM t', 'UPDATE t SET v = 4 WHERE k = 5 AND c = 2 IF v = 1', 'UPDATE t SET v = 4 WHERE k = 5 AND c = 2 IF v != 1', 'SELECT * FROM t',
      ...grid('UPDATE t SET w = \'z\' WHERE k = 1 AND c = 1 IF %', ['v > 100', 'v >= 100', 'v < 0', 'v <= 0', 'v != 3', 'v IN (5, 6)', 'v IN ()', 'l = [5]', 'l[0] = 7', 'l[9] = 7', "m['x'] = 2", "m['y'] = null", 'l CONTAINS 9', "m CONTAINS KEY 'q'", 'se CONTAINS 77', 's = 1', 'nope = 1', 'k = 1', 'w = 5', 'v = \'x\'', "m['x'] IN (4, 5)", 'l = null', 'se = {1, 2}', 'v > null']), 'SELECT * FROM t',
      // What is static is asked about without the row's cells: of rows that UPDATE has made nothing is seen then.
      'UPDATE t SET v = 1 WHERE k = 70 AND c = 1', 'UPDATE t SET s = 1 WHERE k = 70 IF s = 3', 'UPDATE t SET s = 1 WHERE k = 70 IF EXISTS', 'DELETE s FROM t WHERE k = 70 IF s = 3', 'UPDATE t SET s = 1, v = 2 WHERE k = 70 AND c = 1 IF s = 3', 'INSERT INTO t (k, c) VALUES (70, 2)', 'UPDATE t SET s = 1 WHERE k = 70 IF EXISTS', 'UPDATE t SET s = 1 WHERE k = 70 IF s = 3', 'SELECT * FROM t WHERE k = 70', 'DELETE FROM t WHERE k = 70',
      'DELETE FROM t WHERE k = 1 AND c = 1 IF v = 77', 'DELETE v FROM t WHERE k = 1 AND c = 1 IF EXISTS', 'DELETE FROM t WHERE k = 1 AND c = 1 IF EXISTS', 'DELETE FROM t WHERE k = 1 AND c = 1 IF EXISTS', 'DELETE FROM t WHERE k = 1 IF EXISTS', 'DELETE FROM t WHERE k = 1 AND c > 1 IF EXISTS', 'UPDATE t SET s = 3 WHERE k = 1 IF s = 9', 'UPDATE t SET s = 4 WHERE k = 1 IF s = 9', 'UPDATE t SET s = 4 WHERE k = 77 IF EXISTS', 'UPDATE t SET v = 3 WHERE k IN (1, 2) AND c = 1 IF v = 1', 'UPDATE t USING TIMESTAMP 5 SET v = 3 WHERE k = 1 AND c = 1 IF v = 1', 'INSERT INTO t (k, c) VALUES (1, 7) IF NOT EXISTS USING TIMESTAMP 5', 'INSERT INTO t (k, c, v) VALUES (1, 7, 1) IF NOT EXISTS USING TTL 500', 'SELECT k, c, v FROM t',
      'BEGIN BATCH INSERT INTO t (k, c, v) VALUES (8, 1, 1) IF NOT EXISTS; INSERT INTO t (k, c, v) VALUES (8, 2, 1); APPLY BATCH', 'BEGIN BATCH INSERT INTO t (k, c, v) VALUES (8, 1, 1) IF NOT EXISTS; INSERT INTO t (k, c, v) VALUES (8, 3, 1); APPLY BATCH', 'BEGIN BATCH UPDATE t SET v = 5 WHERE k = 8 AND c = 1 IF v = 1; UPDATE t SET v = 5 WHERE k = 8 AND c = 2 IF v = 7; APPLY BATCH', 'BEGIN BATCH INSERT INTO t (k, c, v) VALUES (8, 1, 1) IF NOT EXISTS; INSERT INTO t (k, c, v) VALUES (9, 1, 1); APPLY BATCH', 'SELECT k, c, v FROM t',
    ],
  },
  {
    name: 'collections, tuples and user-defined types',
    statements: [
      'CREATE TYPE inner_type (x int, y text)', 'CREATE TYPE u (a int, b text, c frozen<inner_type>)',
      'CREATE TABLE t (k int PRIMARY KEY, l list<int>, s set<text>, m map<text, int>, fl frozen<list<int>>, fm frozen<map<int, text>>, t tuple<int, text>, u u, fu frozen<u>, n map<text, frozen<list<int>>>)',
      "INSERT INTO t (k, l, s, m, fl, fm, t, u, fu, n) VALUES (1, [3, 1, 2], {'b', 'a'}, {'y': 2, 'x': 1}, [3, 1], {2: 'b', 1: 'a'}, (1, 'z'), {a: 1, b: 'q', c: {x: 1, y: 'w'}}, {a: 2}, {'p': [1, 2]})", 'SELECT * FROM t',
      'UPDATE t SET l = l + [4], s = s + {\'c\'}, m = m + {\'z\': 3} WHERE k = 1', 'UPDATE t SET l = [0] + l, s = s - {\'a\'}, m = m - {\'x\'} WHERE k = 1', 'UPDATE t SET l[0] = 10, m[\'w\'] = 0 WHERE k = 1', 'UPDATE t SET u.a = 5 WHERE k = 1', 'UPDATE t SET u.b = null WHERE k = 1', 'UPDATE t SET l = l - [1, 4] WHERE k = 1', 'UPDATE t SET l += [7], s += {\'d\'}, m += {\'v\': 9}, l -= [2] WHERE k = 1', 'UPDATE t SET l += [7] WHERE k = 1', 'SELECT * FROM t', 'DELETE l[0], s[\'d\'], m[\'v\'], u.a FROM t WHERE k = 1', 'DELETE l[0], m[\'v\'], u.a FROM t WHERE k = 1', 'SELECT * FROM t', 'UPDATE t SET l[99] = 1 WHERE k = 1', 'DELETE l[99] FROM t WHERE k = 1', 'UPDATE t SET fl = fl + [1] WHERE k = 1', 'UPDATE t SET fl[0] = 1 WHERE k = 1', 'UPDATE t SET fu.a = 1 WHERE k = 1', 'UPDATE t SET u.nope = 1 WHERE k = 1', 'UPDATE t SET s[0] = 1 WHERE k = 1',
      'INSERT INTO t (k, l, s, m, fl) VALUES (2, [], {}, {}, [])', 'SELECT k, l, s, m, fl FROM t WHERE k = 2', 'INSERT INTO t (k, l) VALUES (3, [1, null])', "INSERT INTO t (k, l) VALUES (3, ['a'])", 'INSERT INTO t (k, s) VALUES (3, [1])', "INSERT INTO t (k, m) VALUES (3, {'a'})", "INSERT INTO t (k, u) VALUES (3, {a: 1, nope: 2})", "INSERT INTO t (k, t) VALUES (3, (1, 'a', 2))", 'INSERT INTO t (k, t) VALUES (3, (1))', 'SELECT k, t FROM t WHERE k = 3', "INSERT INTO t (k, s) VALUES (3, {'a', 'a'})", 'SELECT k, s, m FROM t WHERE k = 3',
      "SELECT m['y'], u.b, u.c.x, fu.a, s['b'] FROM t", "SELECT m['x'..'z'], fm[1..1], s['b'..], fm[1] FROM t", 'SELECT l[0] FROM t', "SELECT m[0] FROM t", 'SELECT u.nope FROM t', 'SELECT m.a FROM t', ...grid('SELECT k FROM t WHERE % ALLOW FILTERING', ['l CONTAINS 3', "s CONTAINS 'b'", "m CONTAINS KEY 'y'", 'm CONTAINS 2', "m['y'] = 2", 'fl = [3, 1]', 'fl CONTAINS 3', 'l = [1]', "t = (1, 'z')", 'fu = {a: 2}', 'u = {a: 1}', "l['a'] = 1", 'k CONTAINS 1', "l CONTAINS 'x'", "fm CONTAINS KEY 1", "t > (0, 'a')", 'fl > [1]']),
      'SELECT writetime(l), ttl(l) FROM t WHERE k = 99', 'SELECT writetime(fl) FROM t WHERE k = 99', 'SELECT [k, 1], {k}, {k: \'a\'}, (k, k) FROM t WHERE k = 1', 'SELECT (list<int>) [1, 2], (map<int, text>) {1: \'a\'} FROM t WHERE k = 1', 'SELECT maxwritetime(k) FROM t',
    ],
  },
  {
    name: 'counters',
    statements: [
      'CREATE TABLE c (k int, c int, n counter, m counter, PRIMARY KEY (k, c))', 'UPDATE c SET n = n + 5 WHERE k = 1 AND c = 1', 'UPDATE c SET n = n - 2, m = m + 1 WHERE k = 1 AND c = 1', 'UPDATE c SET n += 3 WHERE k = 1 AND c = 1', 'SELECT * FROM c', 'SELECT sum(n), avg(n), max(m) FROM c', 'UPDATE c SET n = 5 WHERE k = 1 AND c = 1', 'INSERT INTO c (k, c, n) VALUES (1, 1, 1)', 'UPDATE c USING TTL 5 SET n = n + 1 WHERE k = 1 AND c = 1', 'UPDATE c USING TIMESTAMP 5 SET n = n + 1 WHERE k = 1 AND c = 1', 'UPDATE c SET n = n + 1 WHERE k = 1 AND c = 1 IF n = 6', 'DELETE m FROM c WHERE k = 1 AND c = 1', 'SELECT * FROM c', 'DELETE FROM c WHERE k = 1 AND c = 1', 'SELECT * FROM c',
      'BEGIN COUNTER BATCH UPDATE c SET n = n + 1 WHERE k = 2 AND c = 1; UPDATE c SET n = n + 1 WHERE k = 2 AND c = 1; APPLY BATCH', 'BEGIN BATCH UPDATE c SET n = n + 1 WHERE k = 2 AND c = 1; APPLY BATCH', 'SELECT * FROM c', 'CREATE TABLE bad (k int PRIMARY KEY, n counter, v int)', 'CREATE TABLE bad (n counter PRIMARY KEY)', 'ALTER TABLE c ADD v int', 'ALTER TABLE c ADD o counter', 'SELECT * FROM c', 'SELECT k FROM c WHERE n = 1', 'SELECT k FROM c WHERE n = 2 ALLOW FILTERING', 'UPDATE c SET n = n + 1.5 WHERE k = 1 AND c = 1', 'UPDATE c SET n = n + null WHERE k = 1 AND c = 1',
    ],
  },
  {
    name: 'constants and types',
    statements: [
      'CREATE TABLE t (k int PRIMARY KEY, a ascii, bi bigint, bl blob, bo boolean, d date, de decimal, dou double, du duration, f float, i inet, n int, sm smallint, te text, ti time, ts timestamp, tu timeuuid, tiny tinyint, u uuid, v varint, vec vector<float, 3>)',
      ...grid('INSERT INTO t (k, %) VALUES (1, %)', ['a', 'bi', 'bl', 'bo', 'd', 'de', 'dou', 'du', 'f', 'i', 'n', 'sm', 'te', 'ti', 'ts', 'tu', 'tiny', 'u', 'v', 'vec'], ['1', '-5', '300', '1.5', "'abc'", "'127.0.0.1'", "'2024-02-29'", "'2024-02-29T12:34:56.789Z'", "'12:34:56.5'", 'true', '0xcafe', '6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47', '13814000-1dd2-11b2-8080-808080808080', '1h30m', 'NaN', '-Infinity', '[1, 2, 3]', '[1, 2]', "'ü'", '99999999999999999999', 'null', '(int) 1', "(text) 'a'", "''"]),
      'SELECT * FROM t',
    ],
  },
  {
    name: 'functions',
    statements: [
      'CREATE TABLE t (k int PRIMARY KEY, n int, b bigint, f float, d double, de decimal, v varint, te text, ts timestamp, da date, tu timeuuid, bl blob, l list<int>, s set<int>, m map<text, int>, vec vector<float, 3>, bo boolean, sm smallint, ti tinyint)',
      "INSERT INTO t (k, n, b, f, d, de, v, te, ts, da, tu, bl, l, s, m, vec, bo, sm, ti) VALUES (1, 7, -8, 1.5, 2.25, 10.50, 12345678901234567890, 'Text', '2024-02-29T12:34:56.789Z', '2024-02-29', 13814000-1dd2-11b2-8080-808080808080, 0x0102, [3, 1, 2], {5, 4}, {'a': 1, 'b': 2}, [1, 2, 3], true, 3, 4)",
      ...grid('SELECT % FROM t', ['abs(n)', 'abs(b)', 'abs(f)', 'abs(de)', 'exp(d)', 'log(d)', 'log10(d)', 'round(f)', 'round(de)', 'round(d)', 'exp(n)', 'abs(te)', 'cast(n as text)', 'cast(n as bigint)', 'cast(d as int)', 'cast(f as text)', 'cast(de as int)', 'cast(te as int)', 'cast(ts as text)', 'cast(ts as date)', 'cast(da as timestamp)', 'cast(tu as timestamp)', 'cast(tu as date)', 'cast(bo as text)', 'cast(v as double)', 'cast(b as tinyint)', 'cast(n as ascii)', 'cast(da as text)',
        'toDate(ts)', 'to_date(tu)', 'toTimestamp(da)', 'to_timestamp(tu)', 'toUnixTimestamp(ts)', 'to_unix_timestamp(da)', 'to_unix_timestamp(tu)', 'dateOf(tu)', 'unixTimestampOf(tu)', 'min_timeuuid(ts)', 'maxTimeuuid(ts)', 'blob_as_int(0x00000001)', 'intAsBlob(n)', 'text_as_blob(te)', 'blobAsText(text_as_blob(te))', 'bigint_as_blob(b)', 'int_as_blob(5)', 'token(k)', 'token(n)', 'ttl(n)', 'ttl(k)', 'n + 1', 'n + b', 'n * f', 'n / 2', 'n % 4', 'n / 0', 'b - n', 'd + de', '- n', '- d', 'n + te', 'n + 1.5', 'ti + sm', 'v * n', 'de / 3', 'ts + 1d', 'ts - 2h', 'da + 1mo', 'de * de', '(n + 1) * 2', 'n - (b - 1)', 'f + d', 'sm * sm',
        'count(n)', 'sum(n)', 'avg(n)', 'min(te)', 'max(ts)', 'avg(de)', 'sum(f)', 'sum(v)', 'avg(d)', 'max(l)', 'min(bo)', 'sum(te)', 'count(l)', 'map_keys(m)', 'map_values(m)', 'collection_count(l)', 'collection_count(m)', 'collection_min(l)', 'collection_max(s)', 'collection_sum(l)', 'collection_avg(l)', 'collection_sum(te)', 'mask_null(te)', 'mask_default(te)', 'mask_default(n)', 'mask_default(ts)', 'mask_default(l)', "mask_replace(te, 'x')", 'mask_inner(te, 1, 1)', 'mask_outer(te, 1, 1)', "mask_inner(te, 1, null, '#')", 'mask_inner(n, 1, 1)', 'similarity_cosine(vec, [1, 2, 4])', 'similarity_euclidean(vec, [1, 2, 4])', 'similarity_dot_product(vec, [1, 2, 4])', 'similarity_cosine(vec, [1, 2])', 'to_json(te)', 'to_json(l)', 'to_json(m)', 'to_json(ts)', 'to_json(bl)', 'to_json(vec)', 'to_json(de)', 'to_json(tu)', 'to_json(da)', 'to_json(bo)', 'to_json(f)', 'to_json(d)',
        'n AS "Number"', 'n AS x, te AS y', 'system.abs(n)', 'floor(ts, 1h)', 'floor(n, 5)', "floor(da, 1mo)", 'nope(n)', 'abs()', 'abs(n, n)', "'x'", '5', '(int) 5', "(text) 'x'", 'now', 'writetime(k)', 'current_timestamp() > ts']),
      "INSERT INTO t (k, te) VALUES (2, blob_as_text(0x6162))", 'INSERT INTO t (k, n) VALUES (3, 2 + 3 * 4)', 'INSERT INTO t (k, n) VALUES (4, abs(-5))', "INSERT INTO t (k, ts) VALUES (5, to_timestamp(13814000-1dd2-11b2-8080-808080808080))", 'SELECT k, te, n, ts FROM t', 'SELECT k FROM t WHERE k = abs(-2)', 'SELECT k FROM t WHERE k = 1 + 1', "INSERT INTO t (k, n) VALUES (6, from_json('7'))", "INSERT INTO t (k, l, m) VALUES (6, fromJson('[1, 2]'), from_json('{\"a\": 1}'))", 'SELECT k, n, l, m FROM t WHERE k = 6',
      'SELECT -n FROM t', 'SELECT mask_hash(n) FROM t', 'SELECT sum(n), max(te) FROM t', 'SELECT count(*) AS c, sum(b) FROM t WHERE k = 99', 'SELECT min(n), max(n), avg(n), count(n) FROM t WHERE k = 99', 'SELECT abs(sum(n)), max(abs(b)) FROM t', 'SELECT sum(n) + 1 FROM t', 'SELECT k, sum(n) FROM t',
    ],
  },
  {
    name: 'JSON',
    statements: [
      'CREATE TYPE u (a int, "B" text)', 'CREATE TABLE t (k int PRIMARY KEY, n bigint, f double, te text, "Mixed" text, bo boolean, ts timestamp, da date, ti time, bl blob, uu uuid, i inet, de decimal, v varint, l list<int>, s set<text>, m map<int, text>, t tuple<int, text>, u frozen<u>, du duration, vec vector<float, 2>)',
      `INSERT INTO t JSON '{"k": 1, "n": 9007199254740993, "f": 1.5, "te": "a\\"b\\\\c\\nü", "\\"Mixed\\"": "m", "bo": true, "ts": "2024-02-29 12:34:56.789Z", "da": "2024-02-29", "ti": "12:34:56.5", "bl": "0xcafe", "uu": "6ab09bec-e68e-48d9-a5f8-97e6fb4c9b47", "i": "127.0.0.1", "de": 1.50, "v": 123456789012345678901234567890, "l": [1, 2], "s": ["b", "a"], "m": {"2": "b", "1": "a"}, "t": [1, "x"], "u": {"a": 1, "\\"B\\"": "y"}, "du": "1h30m", "vec": [1, 2.5]}'`,
      'SELECT * FROM t', 'SELECT JSON * FROM t', 'SELECT JSON k, te, "Mixed" FROM t', 'SELECT JSON k AS key, n + 1, count(*) FROM t', 'SELECT JSON count(*) FROM t', "INSERT INTO t JSON '{\"k\": 1, \"te\": \"only\"}' DEFAULT UNSET", 'SELECT k, te, n FROM t', "INSERT INTO t JSON '{\"k\": 1, \"te\": \"again\"}'", 'SELECT k, te, n FROM t', "INSERT INTO t JSON '{\"k\": 2, \"l\": null, \"te\": null}' IF NOT EXISTS", "INSERT INTO t JSON '{\"k\": 2}' IF NOT EXISTS", 'SELECT JSON k, te, l FROM t',
      ...grid("INSERT INTO t JSON '%'", ['{"te": "no key"}', '{"k": "3", "n": "5", "bo": "true"}', '{"k": 3, "nope": 1}', '{"k": null}', 'not json', '[1]', '{"k": 4, "n": 1.5}', '{"k": 4, "n": "x"}', '{"k": 4, "te": 5}', '{"k": 4, "l": {}}', '{"k": 4, "l": [null]}', '{"k": 4, "bo": 1}', '{"k": 4, "u": {"c": 1}}', '{"k": 4, "t": [1]}', '{"k": 4, "m": {"x": "a"}}', '{"K": 4, "te": "upper"}', '{"k": 5, "te": "\\u00e9", "f": 1e3}', '{"k": 6, "i": "300.1.1.1"}', '{"k": 6, "vec": [1]}', '{"k": 6, "ts": 5, "da": 5}', '']), 'SELECT k, n, bo, te, f, ts, da FROM t',
      "SELECT to_json(m), to_json(t), to_json(u), to_json(du), to_json(s) FROM t WHERE k = 1", "SELECT JSON DISTINCT k FROM t WHERE k = 1",
    ],
  },
  {
    name: 'secondary indexes',
    statements: [
      'CREATE TABLE t (p int, c int, v int, w text, l list<int>, m map<text, int>, s set<text>, fl frozen<list<int>>, st int static, PRIMARY KEY (p, c))', 'SELECT p FROM t WHERE v = 1', 'CREATE INDEX ON t (v)', 'CREATE INDEX wi ON t (w)', 'CREATE INDEX li ON t (l)', 'CREATE INDEX mk ON t (keys(m))', 'CREATE INDEX me ON t (entries(m))', 'CREATE INDEX si ON t (values(s))', 'CREATE INDEX fi ON t (full(fl))', 'CREATE INDEX ci ON t (c)', 'CREATE INDEX sti ON t (st)',
      ...[1, 2, 3, 4].flatMap((p) => [1, 2, 3].map((c) => `INSERT INTO t (p, c, v, w, l, m, s, fl, st) VALUES (${p}, ${c}, ${(p * c) % 3}, '${'ab'[c % 2]}', [${c}, ${p}], {'k${c}': ${p}}, {'s${c}', 'x'}, [${c}], ${p % 2})`)),
      ...grid('SELECT p, c FROM t WHERE %', ['v = 1', "w = 'a'", "v = 1 AND w = 'a'", "v = 1 AND w = 'a' ALLOW FILTERING", 'v > 1', 'v IN (1, 2)', 'l CONTAINS 2', "m CONTAINS KEY 'k1'", 'm CONTAINS 1', "m['k1'] = 2", "s CONTAINS 'x'", 'fl = [2]', 'fl CONTAINS 2', 'c = 2', 'c > 1', 'p = 1 AND v = 1', 'p = 1 AND c = 2 AND v = 2', 'p = 1 AND c > 1 AND v = 2', 'p IN (1, 2) AND v = 1', 'st = 1', 'v = 1 LIMIT 2', 'v = 1 ORDER BY c', 'p = 1 AND v = 1 ORDER BY c DESC', 'v = 1 AND token(p) > 0', 'c = 2 AND v = 1', "v = 'x'", 'v = null', 'v != 1', 'l = [1]', 'v = 1 PER PARTITION LIMIT 1', 'p = 1 AND c IN (1, 2) AND v = 1']),
      'CREATE INDEX ON t (v)', 'CREATE INDEX IF NOT EXISTS ON t (v)', 'CREATE INDEX other ON t (v)', 'CREATE INDEX wi ON t (v)', 'CREATE INDEX IF NOT EXISTS wi ON t (v)', 'CREATE INDEX ON t (p)', 'CREATE INDEX ON t (nope)', 'CREATE INDEX ON nope (v)', 'CREATE INDEX ON t (keys(v))', 'CREATE INDEX ON t (full(l))', 'CREATE INDEX ON t (values(fl))', 'CREATE INDEX ON t (keys(l))', "CREATE CUSTOM INDEX ON t (v)", "CREATE CUSTOM INDEX xx ON t (v) USING 'nope'", 'DROP INDEX nope', 'DROP INDEX IF EXISTS nope', 'DROP INDEX wi', "SELECT p FROM t WHERE w = 'a'", 'SELECT index_name, kind, options FROM system_schema.indexes WHERE keyspace_name = \'%KS\'', 'ALTER TABLE t DROP v', 'DROP INDEX t_v_idx', 'ALTER TABLE t DROP v', 'DELETE FROM t WHERE p = 1', 'SELECT p, c FROM t WHERE l CONTAINS 2',
      'CREATE TABLE du (k int PRIMARY KEY, d duration, n counter)', 'CREATE TABLE du (k int PRIMARY KEY, d duration)', 'CREATE INDEX ON du (d)', 'CREATE TABLE co (k int PRIMARY KEY, n counter)', 'CREATE INDEX ON co (n)', 'CREATE TABLE two (a int, b int, v int, PRIMARY KEY ((a, b)))', 'CREATE INDEX ON two (a)', 'INSERT INTO two (a, b, v) VALUES (1, 2, 3)', 'SELECT * FROM two WHERE a = 1',
    ],
  },
  {
    name: 'storage-attached indexes and vectors',
    statements: [
      'CREATE TABLE t (p int, c int, v int, w text, x double, m map<text, int>, vec vector<float, 2>, st int static, PRIMARY KEY (p, c))', "CREATE INDEX vi ON t (v) USING 'sai'", "CREATE CUSTOM INDEX wi ON t (w) USING 'StorageAttachedIndex' WITH OPTIONS = {'case_sensitive': 'false'}", "CREATE INDEX xi ON t (x) USING 'sai'", "CREATE INDEX mk ON t (keys(m)) USING 'sai'", "CREATE INDEX mv ON t (values(m)) USING 'sai'", "CREATE INDEX me ON t (entries(m)) USING 'sai'", "CREATE INDEX veci ON t (vec) USING 'sai' WITH OPTIONS = {'similarity_function': 'euclidean'}", "CREATE INDEX ci ON t (c) USING 'sai'",
      ...[1, 2, 3, 4].flatMap((p) => [1, 2, 3].map((c) => `INSERT INTO t (p, c, v, w, x, m, vec) VALUES (${p}, ${c}, ${p * c}, '${['Alpha', 'beta', 'GAMMA'][c - 1]}', ${p / 2}, {'k${c}': ${p}}, [${p}, ${c * p}])`)),
      ...grid('SELECT p, c FROM t WHERE %', ['v = 4', 'v > 4', 'v >= 4 AND v < 8', "w = 'alpha'", "w = 'GAMMA' AND v > 3", 'v > 3 AND x > 1', "v > 3 AND w > 'a'", "m CONTAINS KEY 'k1'", 'm CONTAINS 2', "m['k2'] = 3", 'v IN (1, 2)', 'v != 2', 'c = 2', 'c = 2 AND v > 2', 'p = 1 AND v > 1', 'p = 1 AND v > 1 ORDER BY c DESC', 'v > 2 AND st = 1', 'p IN (1, 2) AND v > 1', 'v = 4 LIMIT 1', 'vec = [1, 1]', "w LIKE 'a%'", 'p = 1 AND c > 1 AND v > 1']),
      'SELECT p, c FROM t ORDER BY vec ANN OF [2, 3] LIMIT 3', 'SELECT p, c, similarity_euclidean(vec, [2, 3]) FROM t ORDER BY vec ANN OF [2, 3] LIMIT 2', 'SELECT p, c FROM t WHERE v > 3 ORDER BY vec ANN OF [2, 3] LIMIT 2', 'SELECT p, c FROM t WHERE p = 2 ORDER BY vec ANN OF [2, 3] LIMIT 2', 'SELECT p, c FROM t ORDER BY vec ANN OF [2, 3]', 'SELECT p, c FROM t ORDER BY vec ANN OF [2, 3, 4] LIMIT 2', 'SELECT p, c FROM t ORDER BY x ANN OF [2, 3] LIMIT 2', 'SELECT p, c FROM t ORDER BY vec LIMIT 2', 'SELECT p, c FROM t WHERE st = 1 ORDER BY vec ANN OF [2, 3] LIMIT 2', 'SELECT p, c FROM t ORDER BY vec ANN OF [2, 3] LIMIT 2 PER PARTITION LIMIT 1'.replace('LIMIT 2 PER PARTITION LIMIT 1', 'PER PARTITION LIMIT 1 LIMIT 2'),
      'CREATE TABLE texts (k int, c int, d text, v text, PRIMARY KEY (k, c, d))', "CREATE INDEX ON texts (c) USING 'sai'", "CREATE INDEX ON texts (d) USING 'sai'", "CREATE INDEX ON texts (v) USING 'sai'",
      ...[['', ''], ['x', ''], ['', 'x'], ['x', 'x']].map(([d, v], i) => `INSERT INTO texts (k, c, d, v) VALUES (${i % 2}, 1, '${d}', '${v}')`), ...grid('SELECT k, d, v FROM texts WHERE % ALLOW FILTERING', ["d = ''", "v = ''", "c <= 1 AND d = ''", "c = 1 AND v = ''", "d = '' AND v = ''", "d = 'x' AND v = ''", "v >= ''"]),
      "CREATE INDEX again ON t (v) USING 'sai'", "CREATE INDEX bad ON t (v) USING 'sai' WITH OPTIONS = {'nope': '1'}", "CREATE INDEX bad ON t (p) USING 'sai'", 'DROP INDEX vi', 'SELECT p, c FROM t WHERE v = 4',
    ],
  },
  {
    name: 'materialized views',
    statements: [
      'CREATE TABLE t (k int, c int, v int, w text, PRIMARY KEY (k, c))', 'CREATE MATERIALIZED VIEW mv AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, k, c)', 'CREATE MATERIALIZED VIEW some AS SELECT w FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, k)', 'CREATE MATERIALIZED VIEW some AS SELECT k, c, w FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, k) WITH CLUSTERING ORDER BY (k DESC)',
      "INSERT INTO t (k, c, v, w) VALUES (1, 1, 10, 'a')", "INSERT INTO t (k, c, v, w) VALUES (1, 2, 10, 'b')", "INSERT INTO t (k, c, w) VALUES (2, 1, 'c')", 'SELECT * FROM mv', 'SELECT * FROM some', 'SELECT * FROM mv WHERE v = 10', 'SELECT * FROM some WHERE c = 1', 'UPDATE t SET v = 20 WHERE k = 1 AND c = 1', 'SELECT * FROM mv', 'DELETE FROM t WHERE k = 1 AND c = 2', 'SELECT * FROM mv', 'INSERT INTO mv (v, k, c) VALUES (1, 1, 1)', 'DELETE FROM mv WHERE v = 20', 'DROP TABLE t', 'DROP TABLE mv', 'ALTER TABLE t DROP w', 'ALTER TABLE t ADD x int', 'SELECT * FROM mv', 'TRUNCATE mv',
      'CREATE MATERIALIZED VIEW bad AS SELECT * FROM t WHERE k IS NOT NULL PRIMARY KEY (k)', 'CREATE MATERIALIZED VIEW bad AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (v, k, c)', 'CREATE MATERIALIZED VIEW bad AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL AND w IS NOT NULL PRIMARY KEY ((v, w), k, c)', 'CREATE MATERIALIZED VIEW mv AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, k)', 'CREATE MATERIALIZED VIEW IF NOT EXISTS mv AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (c, k)', 'CREATE MATERIALIZED VIEW bad AS SELECT * FROM nope WHERE k IS NOT NULL PRIMARY KEY (k)', 'CREATE MATERIALIZED VIEW bad AS SELECT * FROM mv WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (k, c, v)',
      'CREATE MATERIALIZED VIEW filtered AS SELECT * FROM t WHERE k = 1 AND c IS NOT NULL PRIMARY KEY (c, k)', 'SELECT * FROM filtered', 'DROP MATERIALIZED VIEW mv', 'SELECT * FROM mv', 'DROP MATERIALIZED VIEW mv', 'DROP MATERIALIZED VIEW IF EXISTS mv', 'DROP MATERIALIZED VIEW t', 'ALTER MATERIALIZED VIEW some WITH comment = \'x\'', 'ALTER MATERIALIZED VIEW nope WITH comment = \'x\'', 'SELECT view_name, base_table_name, include_all_columns, where_clause FROM system_schema.views WHERE keyspace_name = \'%KS\'',
    ],
  },
  {
    name: 'descriptions',
    statements: [
      'CREATE TYPE inner_u (x int)', 'CREATE TYPE u (a int, "B" frozen<list<text>>, i frozen<inner_u>)', "CREATE TABLE t (p int, q text, c int, d uuid, \"V\" map<text, int>, s int static, x frozen<u>, a double, PRIMARY KEY ((p, q), c, d)) WITH CLUSTERING ORDER BY (c DESC, d ASC) AND comment = 'it''s' AND gc_grace_seconds = 5 AND compaction = {'class': 'LeveledCompactionStrategy', 'sstable_size_in_mb': '10'} AND crc_check_chance = 0.5 AND cdc = true",
      'CREATE TABLE one (k int PRIMARY KEY, v counter)', 'CREATE INDEX ON t (keys("V"))', "CREATE CUSTOM INDEX xi ON t (a) USING 'StorageAttachedIndex'", 'CREATE TABLE base (k int PRIMARY KEY, v int, w text)', 'CREATE MATERIALIZED VIEW mv AS SELECT * FROM base WHERE k IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, k)', 'CREATE MATERIALIZED VIEW nv AS SELECT k, v FROM base WHERE k IS NOT NULL AND v IS NOT NULL PRIMARY KEY ((v, k))',
      'DESCRIBE ONLY KEYSPACE %KS', 'DESCRIBE KEYSPACE %KS', 'DESCRIBE KEYSPACE', 'DESCRIBE %KS', 'DESCRIBE TABLE one', 'DESCRIBE TABLE %KS.t', 'DESC COLUMNFAMILY base', 'DESCRIBE INDEX xi', 'DESCRIBE INDEX "t_V_idx"', 'DESCRIBE MATERIALIZED VIEW mv', 'DESCRIBE TYPE u', 'DESCRIBE t', 'DESCRIBE mv', 'DESCRIBE xi', 'DESCRIBE %KS.nv', 'DESCRIBE nope', 'DESCRIBE nope.t', 'DESCRIBE KEYSPACE nope', 'DESCRIBE TABLE nope', 'DESCRIBE TABLE mv', 'DESCRIBE INDEX nope', 'DESCRIBE TYPE nope', 'DESCRIBE MATERIALIZED VIEW t', 'DESCRIBE FUNCTION nope', 'DESCRIBE AGGREGATE nope', 'DESCRIBE FUNCTIONS', 'DESCRIBE AGGREGATES',
    ],
  },
  {
    name: 'schema',
    statements: [
      'CREATE TABLE t (k int PRIMARY KEY, v int)', 'CREATE TABLE t (k int PRIMARY KEY)', 'CREATE TABLE IF NOT EXISTS t (k int PRIMARY KEY)', ...grid('CREATE TABLE bad (%)', ['k int', 'k int PRIMARY KEY, k int', 'k int, PRIMARY KEY (nope)', 'k int PRIMARY KEY, l list<list<int>>', 'k list<int> PRIMARY KEY', 'k int PRIMARY KEY, s int static', 'k int, c int static, PRIMARY KEY (k, c)', 'k nope PRIMARY KEY', 'k int PRIMARY KEY, v vector<float, 0>', 'k duration PRIMARY KEY', 'k int, v int, PRIMARY KEY (k, k)', 'k int PRIMARY KEY, PRIMARY KEY (k)', 'k int PRIMARY KEY, v int PRIMARY KEY', 'k int PRIMARY KEY, l list<counter>', 'k int PRIMARY KEY, v tuple<int, list<int>>']), 'DROP TABLE IF EXISTS bad',
      'CREATE TABLE o (k int, c int, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c DESC)', 'INSERT INTO o (k, c) VALUES (1, 1)', 'INSERT INTO o (k, c) VALUES (1, 2)', 'SELECT * FROM o', 'SELECT * FROM o WHERE k = 1 ORDER BY c ASC', 'CREATE TABLE bad (k int, c int, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (k DESC)', 'CREATE TABLE bad (k int, c int, d int, PRIMARY KEY (k, c, d)) WITH CLUSTERING ORDER BY (d DESC)', "CREATE TABLE bad (k int PRIMARY KEY) WITH nope = 1", "CREATE TABLE bad (k int PRIMARY KEY) WITH gc_grace_seconds = 'x'", "CREATE TABLE bad (k int PRIMARY KEY) WITH compaction = {'class': 'Nope'}", 'CREATE TABLE bad (k int PRIMARY KEY) WITH default_time_to_live = -1', "CREATE TABLE ok (k int PRIMARY KEY) WITH comment = 'x' AND gc_grace_seconds = 5 AND default_time_to_live = 100", 'SELECT comment, gc_grace_seconds, default_time_to_live FROM system_schema.tables WHERE keyspace_name = \'%KS\' AND table_name = \'ok\'',
      'ALTER TABLE t ADD w text', 'ALTER TABLE t ADD w text', 'ALTER TABLE t ADD IF NOT EXISTS w text', 'ALTER TABLE t ADD (x int, y int)', 'ALTER TABLE t DROP x', 'ALTER TABLE t DROP x', 'ALTER TABLE t DROP IF EXISTS x', 'ALTER TABLE t DROP k', 'ALTER TABLE t ADD x text', 'ALTER TABLE t ADD x int', 'ALTER TABLE t RENAME k TO key', 'ALTER TABLE t RENAME v TO vv', 'ALTER TABLE t RENAME nope TO vv', 'ALTER TABLE t ALTER v TYPE text', 'ALTER TABLE nope ADD v int', 'ALTER TABLE IF EXISTS nope ADD v int', 'ALTER TABLE t WITH comment = \'y\'', 'ALTER TABLE t WITH nope = 1', 'SELECT * FROM t', 'ALTER TABLE t ADD s int static', 'ALTER TABLE o ADD s int static', 'DROP TABLE t', 'DROP TABLE t', 'DROP TABLE IF EXISTS t', 'SELECT column_name, kind, position, type, clustering_order FROM system_schema.columns WHERE keyspace_name = \'%KS\' AND table_name = \'o\'',
      'CREATE TYPE u (a int)', 'CREATE TYPE u (a int)', 'CREATE TYPE IF NOT EXISTS u (a int)', 'CREATE TYPE bad (a int, a int)', 'CREATE TYPE bad (a counter)', 'CREATE TYPE bad (a nope)', 'CREATE TYPE w (a frozen<u>)', 'ALTER TYPE u ADD b text', 'ALTER TYPE u ADD b text', 'ALTER TYPE u RENAME b TO c', 'ALTER TYPE u RENAME nope TO c', 'ALTER TYPE nope ADD b int', 'CREATE TABLE uses (k int PRIMARY KEY, u u)', 'DROP TYPE u', 'DROP TYPE w', 'DROP TYPE u', 'DROP TABLE uses', 'DROP TYPE u', 'DROP TYPE u', 'DROP TYPE IF EXISTS u',
      "CREATE KEYSPACE %KS WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", "CREATE KEYSPACE IF NOT EXISTS %KS WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", "CREATE KEYSPACE %KS_bad WITH replication = {'class': 'Nope'}", "CREATE KEYSPACE %KS_bad WITH replication = {'replication_factor': 1}", 'CREATE KEYSPACE %KS_bad WITH durable_writes = true', "CREATE KEYSPACE %KS_bad WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 'x'}", "CREATE KEYSPACE %KS_bad WITH replication = {'class': 'SimpleStrategy'}", 'DROP KEYSPACE IF EXISTS %KS_bad', "ALTER KEYSPACE nope WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'DROP KEYSPACE nope', 'DROP KEYSPACE IF EXISTS nope', 'DROP KEYSPACE system', 'CREATE TABLE system.x (k int PRIMARY KEY)', 'TRUNCATE nope', 'CREATE TABLE nope.t (k int PRIMARY KEY)', 'DROP TABLE nope.t', 'DROP INDEX nope.i', 'DROP TYPE nope.t',
      'DROP FUNCTION IF EXISTS f', 'DROP AGGREGATE a', 'DROP AGGREGATE IF EXISTS a', "CREATE TRIGGER tr ON o USING 'nope'", 'DROP TRIGGER tr ON o', 'DROP TRIGGER IF EXISTS tr ON o', 'DROP TRIGGER tr ON nope', 'DROP TRIGGER tr ON nope.o', "CREATE TRIGGER tr ON nope USING 'nope'", "CREATE TRIGGER tr ON nope.o USING 'nope'", "CREATE TRIGGER IF NOT EXISTS tr ON o USING 'nope'", "CREATE TRIGGER tr ON system.local USING 'nope'", 'DROP ROLE r', 'DROP ROLE IF EXISTS r', 'DROP USER r', "DROP IDENTITY 'i'", "ADD IDENTITY 'i' TO ROLE r", "ALTER ROLE r WITH LOGIN = true", 'GRANT r TO q', 'REVOKE r FROM q', 'REVOKE SELECT ON %KS.o FROM r', 'LIST ROLES OF r', 'LIST SELECT ON o OF r', 'LIST ROLES', 'LIST USERS', 'CREATE ROLE r', 'GRANT SELECT ON %KS.o TO r', 'LIST ALL PERMISSIONS',
    ],
  },
  {
    name: 'casts from every type to every type',
    statements: [
      `CREATE TABLE t (k int PRIMARY KEY, ${Object.entries(typeOf).map(([name, type]) => `${name} ${type}`).join(', ')})`,
      ...Object.entries(typeOf).map(([name, type]) => `INSERT INTO t (k, ${name}) VALUES (1, ${values[type]![0]!})`),
      ...grid('SELECT CAST(% AS %) FROM t', Object.keys(typeOf), ['ascii', 'bigint', 'boolean', 'date', 'decimal', 'double', 'float', 'int', 'smallint', 'text', 'timestamp', 'tinyint', 'varint', 'uuid']),
      ...['-1', '-1000', '-86399999', '-86400000', '-86400001', '-86401000', '-172800000', '86399999'].flatMap((ms, i) => [`INSERT INTO t (k, c_timestamp) VALUES (${i + 2}, ${ms})`, `SELECT to_date(c_timestamp), CAST(c_timestamp AS date), CAST(c_timestamp AS text) FROM t WHERE k = ${i + 2}`]),
    ],
  },
  {
    name: 'arithmetic of all pairs of numbers',
    statements: [
      `CREATE TABLE t (k int PRIMARY KEY, ${numeric.map((name) => `${name} ${typeOf[name]!}`).join(', ')})`,
      `INSERT INTO t (k, ${numeric.join(', ')}) VALUES (1, 7, -8, 9, 10, 12345678901234567890, 1.5, 2.25, 10.50)`,
      `INSERT INTO t (k, ${numeric.join(', ')}) VALUES (2, 127, 32767, 2147483647, 9223372036854775807, -1, 3e38, 1e308, 1E+20)`,
      `INSERT INTO t (k, ${numeric.join(', ')}) VALUES (3, null, 0, null, 0, null, 0, null, 0)`,
      ...grid('SELECT k, % % % FROM t WHERE k IN (1, 2)', numeric, ['+', '-', '*'], numeric), ...numeric.flatMap((a) => numeric.flatMap((b) => [`SELECT ${a} / ${b} FROM t WHERE k = 1`, `SELECT ${a} % ${b} FROM t WHERE k = 1`])), ...grid('SELECT k, % + % FROM t WHERE k = 3', numeric, ['c_int', 'c_smallint', 'c_decimal']),
      ...grid('SELECT count(%), min(%), max(%) FROM t', numeric, [numeric[0]!], [numeric[1]!]), ...grid('SELECT sum(%) FROM t WHERE k IN (%)', numeric, ['1', '1, 3', '1, 2', '3']), ...grid('SELECT avg(%) FROM t WHERE k IN (%)', numeric, ['1', '1, 3', '1, 2', '3']),
    ],
  },
  {
    name: 'orders of every type',
    statements: Object.entries(values).flatMap(([type, some], i) => ['ASC', 'DESC'].flatMap((order) => [
      `CREATE TABLE o${i}${order.toLowerCase()} (k int, c ${type}, v ${type}, PRIMARY KEY (k, c)) WITH CLUSTERING ORDER BY (c ${order})`,
      ...some.map((value) => `INSERT INTO o${i}${order.toLowerCase()} (k, c, v) VALUES (1, ${value}, ${value})`),
      ...grid(`SELECT c, v FROM o${i}${order.toLowerCase()} WHERE k = 1 %`, ['', 'ORDER BY c ASC', 'ORDER BY c DESC', `AND c > ${some[0]!}`, `AND c <= ${some[1]!} LIMIT 2`, `AND c IN (${some[1]!}, ${some[0]!})`]),
      ...grid(`SELECT % FROM o${i}${order.toLowerCase()}`, ['min(v), max(v)', 'min(c), max(c)', 'to_json(c)', 'JSON *']),
      `SELECT c FROM o${i}${order.toLowerCase()} WHERE v >= ${some[1]!} ALLOW FILTERING`,
    ])),
  },
  {
    name: 'sets and maps of every type',
    statements: Object.entries(values).flatMap(([type, some], i) => [
      `CREATE TABLE s${i} (k int PRIMARY KEY, s set<${type}>, m map<${type}, int>, l list<${type}>, f frozen<set<${type}>>)`,
      `INSERT INTO s${i} (k, s, m, l, f) VALUES (1, {${some.join(', ')}}, {${some.map((value, at) => `${value}: ${at}`).join(', ')}}, [${some.join(', ')}], {${some.join(', ')}})`,
      `SELECT * FROM s${i}`, `SELECT JSON * FROM s${i}`, `UPDATE s${i} SET s = s - {${some[0]!}}, m[${some[1]!}] = 9, l = l - [${some[1]!}] WHERE k = 1`, `SELECT s, m, l, m[${some[1]!}], s[${some[1]!}], m[${some[0]!}..], f[..${some[0]!}] FROM s${i}`,
      `SELECT k FROM s${i} WHERE s CONTAINS ${some[1]!} ALLOW FILTERING`, `SELECT k FROM s${i} WHERE m CONTAINS KEY ${some[0]!} AND l CONTAINS ${some[0]!} ALLOW FILTERING`, `SELECT collection_min(f), collection_max(l), map_keys(m) FROM s${i}`,
    ]),
  },
  {
    name: 'masks',
    statements: [
      "CREATE TABLE t (k int MASKED WITH DEFAULT, c text MASKED WITH mask_inner(1, 2), a text MASKED WITH system.mask_outer(1, null, '#'), b int MASKED WITH mask_replace(-1), d text MASKED WITH mask_null(), e blob MASKED WITH mask_hash('MD5'), f list<int> MASKED WITH mask_replace([1, 2]), s int STATIC MASKED WITH DEFAULT, g timestamp MASKED WITH mask_replace('2020-01-01T00:00:00Z'), PRIMARY KEY (k, c))",
      'CREATE TABLE o (k int MASKED WITH DEFAULT PRIMARY KEY, v int, w text)', "INSERT INTO t (k, c, a, b, d, e, f, s, g) VALUES (1, 'abcdef', 'secret', 5, 'x', 0x01, [3], 4, '2024-01-01')", 'SELECT * FROM t', 'DESCRIBE TABLE t', 'DESCRIBE TABLE o', "SELECT * FROM system_schema.column_masks WHERE keyspace_name = '%KS'",
      'ALTER TABLE o ALTER v MASKED WITH DEFAULT', 'ALTER TABLE o ALTER w MASKED WITH mask_inner(1, null)', 'ALTER TABLE o ALTER x MASKED WITH DEFAULT', 'ALTER TABLE o ALTER IF EXISTS x MASKED WITH DEFAULT', 'ALTER TABLE IF EXISTS nope ALTER x MASKED WITH DEFAULT', 'ALTER TABLE nope ALTER x MASKED WITH DEFAULT', 'ALTER TABLE o ADD y int MASKED WITH mask_replace(3)', 'ALTER TABLE o ADD (z text MASKED WITH DEFAULT, zz text)', 'DESCRIBE TABLE o', "SELECT * FROM system_schema.column_masks WHERE keyspace_name = '%KS' AND table_name = 'o'", 'ALTER TABLE o ALTER v DROP MASKED', 'ALTER TABLE o ALTER v DROP MASKED', 'ALTER TABLE o ALTER x DROP MASKED', 'ALTER TABLE o ALTER IF EXISTS x DROP MASKED', 'ALTER TABLE o ALTER k DROP MASKED', 'ALTER TABLE o DROP z', 'DESCRIBE TABLE o', 
      'ALTER TABLE o ALTER v MASKED WITH mask_hash()', 'ALTER TABLE o ALTER v MASKED WITH mask_inner(1, 1)', 'ALTER TABLE o ALTER v MASKED WITH abs()', 'ALTER TABLE o ALTER v MASKED WITH nope()', "ALTER TABLE o ALTER v MASKED WITH mask_replace('x')", 'ALTER TABLE o ALTER v MASKED WITH mask_replace()', 'ALTER TABLE o ALTER v MASKED WITH count()', 'ALTER TABLE o ALTER w MASKED WITH mask_default(1)',
      'CREATE MATERIALIZED VIEW w AS SELECT * FROM t WHERE k IS NOT NULL AND c IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, k, c)', 'CREATE MATERIALIZED VIEW w AS SELECT k, c, b, s FROM t WHERE k IS NOT NULL AND c IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, k, c)', 'CREATE MATERIALIZED VIEW w AS SELECT k, c, b, a, d FROM t WHERE k IS NOT NULL AND c IS NOT NULL AND b IS NOT NULL PRIMARY KEY (b, k, c)', 'DESCRIBE MATERIALIZED VIEW w', "SELECT column_name, function_name FROM system_schema.column_masks WHERE keyspace_name = '%KS' AND table_name = 'w'", 'ALTER TABLE t ALTER a MASKED WITH DEFAULT', 'ALTER TABLE t ALTER d DROP MASKED', "SELECT column_name, function_name FROM system_schema.column_masks WHERE keyspace_name = '%KS' AND table_name = 'w'", 'SELECT * FROM w',
      ...['MD5', 'SHA-1', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512', 'SHA3-256', 'sha-256', 'SHA256', 'nope'].map((name) => `SELECT mask_hash(a, '${name}') FROM t`), 'SELECT mask_hash(b), mask_hash(f), mask_hash(a, null) FROM t', 'SELECT mask_hash(a, 1) FROM t', "SELECT mask_hash(a, 'MD5', 1) FROM t",
      'CREATE TABLE p (k int PRIMARY KEY, v int MASKED WITH mask_hash())', 'CREATE TABLE p (k int PRIMARY KEY, v int MASKED WITH nope())', 'CREATE TABLE p (k int PRIMARY KEY, n counter MASKED WITH DEFAULT)', 'DESCRIBE TABLE p',
    ],
  },
  {
    name: 'keyspaces',
    statements: [
      "CREATE KEYSPACE %KS_a WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 1}", "SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = '%KS_a'", 'DESCRIBE KEYSPACE %KS_a', "ALTER KEYSPACE %KS_a WITH replication = {'class': 'NetworkTopologyStrategy', 'dc1': 3} AND durable_writes = false", "SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = '%KS_a'",
      "ALTER KEYSPACE %KS_a WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 2}", "SELECT replication, durable_writes FROM system_schema.keyspaces WHERE keyspace_name = '%KS_a'", "ALTER KEYSPACE %KS_a WITH durable_writes = true", "CREATE KEYSPACE %KS_b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 5}", "CREATE KEYSPACE IF NOT EXISTS %KS_b WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 5}",
      "CREATE KEYSPACE %KS_c WITH replication = {'class': 'NetworkTopologyStrategy', 'replication_factor': 2, 'dc1': 1}", "SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = '%KS_c'", "CREATE KEYSPACE %KS_d WITH replication = {'class': 'SimpleStrategy'}", "CREATE KEYSPACE %KS_d WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 'x'}", "CREATE KEYSPACE %KS_d WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1, 'other': 1}", "CREATE KEYSPACE %KS_d WITH replication = {'class': 'NetworkTopologyStrategy'}",
      "CREATE TABLE %KS_b.t (k int PRIMARY KEY)", 'DROP KEYSPACE %KS_a', 'DROP KEYSPACE %KS_a', 'DROP KEYSPACE IF EXISTS %KS_a', 'DROP KEYSPACE %KS_b', 'DROP KEYSPACE %KS_c',
      "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name IN ('system', 'system_auth', 'system_schema', 'system_traces', '%KS')", "SELECT table_name FROM system_schema.tables WHERE keyspace_name = 'system_auth'", "SELECT column_name, kind, position, type FROM system_schema.columns WHERE keyspace_name = 'system_auth'", 'DROP TABLE system_auth.roles', "ALTER KEYSPACE system_auth WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'ALTER TABLE system_auth.roles ADD x int', 'CREATE TABLE system_auth.x (k int PRIMARY KEY)', 'CREATE TYPE system_traces.x (k int)', 'DROP KEYSPACE system_traces', 'DROP KEYSPACE system',
    ],
  },
]
