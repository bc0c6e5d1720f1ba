// What is measured, as both the canned server and the clients need it: statements, and the rows they return.

const word = (n) => ['amber', 'birch', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'heath'][n & 7] + n
const uuidOf = (n) => `${(n * 2654435761 >>> 0).toString(16).padStart(8, '0')}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

const point = {
  columns: [['id', 'uuid'], ['name', 'text'], ['email', 'text'], ['age', 'int'], ['seen', 'timestamp'], ['score', 'double']],
  row: (n) => [uuidOf(n), word(n), `${word(n)}@example.org`, n % 90, new Date(1.7e12 + n * 1000), n / 7],
}
const wide = {
  columns: [['id', 'uuid'], ['name', 'text'], ['rank', 'int'], ['total', 'bigint'], ['ratio', 'double'], ['at', 'timestamp'], ['active', 'boolean'], ['scores', 'list<int>'], ['labels', 'map<text, text>']],
  row: (n) => [uuidOf(n), `row ${word(n)}`, n, BigInt(n) * 1_000_003n, n / 3, new Date(1.7e12 + n), n % 2 === 0, [n, n + 1, n + 2], new Map([['kind', word(n)], ['unit', 'm']])],
}

/** Rows of a page, variants of each answer, and pages of a scan. */
export const statements = {
  point: { query: 'SELECT id, name, email, age, seen, score FROM bench.point WHERE id = ?', parameters: [['id', 'uuid']], shape: point, rows: 1, variants: 64, pages: 1 },
  page: { query: 'SELECT * FROM bench.page WHERE bucket = ?', parameters: [['bucket', 'int']], shape: wide, rows: 5000, variants: 4, pages: 1 },
  scan: { query: 'SELECT * FROM bench.scan WHERE bucket = ?', parameters: [['bucket', 'int']], shape: wide, rows: 5000, variants: 1, pages: 20 },
}

/** Workloads: which statement, how many requests under way, operations in the full and the quick form. */
export const workloads = [
  { name: 'W1 point read, 1 in flight', statement: 'point', inFlight: 1, operations: 20_000, quick: 4000 },
  { name: 'W1 point read, 32 in flight', statement: 'point', inFlight: 32, operations: 200_000, quick: 30_000 },
  { name: 'W1 point read, 512 in flight', statement: 'point', inFlight: 512, operations: 200_000, quick: 30_000 },
  { name: 'W3 page of 5,000 rows, 1 in flight', statement: 'page', inFlight: 1, operations: 120, quick: 24 },
  { name: 'W4 scan of 100,000 rows', statement: 'scan', inFlight: 1, operations: 6, quick: 2 },
]

/** The row that a request for key `n` is answered with, first of its page. */
export const firstRow = (statement, variant, page) => (variant * statement.pages + page) * statement.rows
