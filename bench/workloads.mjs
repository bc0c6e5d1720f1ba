// What is measured, as the canned server and all clients need it: statements, the rows they return or write, and how many of them.

const word = (n) => ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'][n & 7] + n
export const uuidOf = (n) => `${((n * 2654435761) >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

const person = {
  columns: [['id', 'uuid'], ['name', 'text'], ['email', 'text'], ['age', 'int'], ['seen', 'timestamp'], ['score', 'double']],
  row: (n) => [uuidOf(n), word(n), `${word(n)}@example.org`, n % 90, new Date(1.7e12 + n * 1000), n / 7],
}
const mixed = {
  columns: [['id', 'uuid'], ['name', 'text'], ['rank', 'int'], ['total', 'bigint'], ['ratio', 'double'], ['at', 'timestamp'], ['active', 'boolean'], ['scores', 'list<int>'], ['labels', 'map<text, text>']],
  row: (n) => [uuidOf(n), `row ${word(n)}`, n, BigInt(n) * 1_000_003n, n / 3, new Date(1.7e12 + n), n % 2 === 0, [n, n + 1, n + 2], new Map([['kind', word(n)], ['unit', `m${n % 10}`]])],
}

/** Statements: parameters, columns of the result if there is one, rows of a page, how many different answers, pages of a scan. */
export const statements = {
  point: { query: 'SELECT id, name, email, age, seen, score FROM bench.point WHERE id = ?', parameters: [['id', 'uuid']], shape: person, rows: 1, variants: 64, pages: 1 },
  insert: { query: 'INSERT INTO bench.point (id, name, email, age, seen, score) VALUES (?, ?, ?, ?, ?, ?)', parameters: person.columns, shape: person, rows: 0, variants: 64, pages: 1 },
  page: { query: 'SELECT * FROM bench.page WHERE bucket = ?', parameters: [['bucket', 'int']], shape: mixed, rows: 5000, variants: 4, pages: 1 },
  small: { query: 'SELECT * FROM bench.small WHERE bucket = ?', parameters: [['bucket', 'int']], shape: mixed, rows: 600, variants: 4, pages: 1 },
  scan: { query: 'SELECT * FROM bench.scan WHERE bucket = ?', parameters: [['bucket', 'int']], shape: mixed, rows: 5000, variants: 1, pages: 20 },
}
/** Statements of one batch. */
export const BATCH = 50

/** Not among the others: a page of 100 KB, which is what compression is measured with. */
export const pageOf100KB = { id: 'p100@1', title: 'page of 600 rows (100 KB), 1 in flight', what: 'read', statement: 'small', inFlight: 1, operations: 2000, quick: 400 }

const workload = (id, title, what, statement, inFlight, operations, quick, goal) => ({ id, title, what, statement, inFlight, operations, quick, goal })
/** Workloads: what is done with which statement, requests under way, operations in the full and the quick form, and how many times less CPU than cassandra-driver is aimed at. */
export const workloads = [
  workload('w1@1', 'W1 point read, 1 in flight', 'read', 'point', 1, 40_000, 6400, 2.6),
  workload('w1@32', 'W1 point read, 32 in flight', 'read', 'point', 32, 320_000, 64_000, 7),
  workload('w1@512', 'W1 point read, 512 in flight', 'read', 'point', 512, 320_000, 64_000, 8),
  workload('w2@32', 'W2 insert, 32 in flight', 'insert', 'insert', 32, 320_000, 64_000, 6),
  workload('w2@512', 'W2 insert, 512 in flight', 'insert', 'insert', 512, 320_000, 64_000, 7),
  workload('w3@1', 'W3 page of 5,000 rows as objects, 1 in flight', 'read', 'page', 1, 200, 40, 4.8),
  workload('w3@32', 'W3 page of 5,000 rows as objects, 32 in flight', 'read', 'page', 32, 200, 64, 3),
  workload('w3c@1', 'W3 page of 5,000 rows by column, 1 in flight', 'columnar', 'page', 1, 200, 40),
  workload('w4@1', 'W4 100,000 rows by for await', 'stream', 'scan', 1, 12, 3, 5.2),
  workload('w5@32', 'W5 batch of 50 inserts, 32 in flight', 'batch', 'insert', 32, 25_600, 3200, 7.5),
  workload('w6a@32', 'W6a one row to JSON bytes, 32 in flight', 'json', 'point', 32, 320_000, 64_000, 7),
  workload('w6b@1', 'W6b page of 5,000 rows to JSON bytes', 'json', 'page', 1, 100, 24, 8.5),
]

/** The row that a request is answered with, first of its page. */
export const firstRow = (statement, variant, page) => (variant * statement.pages + page) * statement.rows

/** Keys and values of requests; the same for all clients. */
export const VALUES = 1024
export const keysOf = (statement) => Array.from({ length: VALUES }, (_, n) => (statement.parameters[0][1] === 'uuid' ? uuidOf(n) : n % statement.variants))
export const rowsToInsert = () => Array.from({ length: VALUES }, (_, n) => person.row(n))

/**
 * Looks at every cell of a row, as cheaply as can be, with the same sum for all clients.
 *
 * @param forms how a client gives what clients give differently: by CQL type a function from value to number
 */
export function checksumOf(shape, forms = {}) {
  const of = {
    uuid: (value) => Number.parseInt(value.slice(0, 2), 16), text: (value) => value.length + value.charCodeAt(value.length - 1), int: (value) => value, bigint: Number, double: (value) => value,
    timestamp: (value) => value.getTime() % 1e6, boolean: (value) => (value ? 1 : 0), 'list<int>': (value) => value[0] + value[1] + value[2],
    'map<text, text>': (value) => value.get('kind').length + value.get('unit').charCodeAt(1), ...forms,
  }
  // Written out per shape, so that looking costs the same and little in every client.
  const names = shape.columns.map(([name]) => name)
  const weigh = shape.columns.map(([, type]) => of[type])
  return new Function(...weigh.map((_, i) => `f${i}`), `return (row) => ${names.map((name, i) => `f${i}(row.${name})`).join(' + ')}`)(...weigh)
}
