/** Words that are no names in CQL unless they are quoted (Cassandra 5.0, `reserved_keywords.txt`), and the two constants that are words. */
const reserved: ReadonlySet<string> = new Set(
  ('add allow alter and apply asc authorize batch begin by columnfamily create delete desc describe drop entries execute from full grant if in index infinity insert into is keyspace limit materialized ' +
    'modify nan norecursive not null of on or order primary rename revoke schema select set table to token truncate unlogged update use using view where with true false').split(' '),
)

/** Words that were reserved by versions before 5.0. */
const formerlyReserved: ReadonlySet<string> = new Set(['default', 'mbean', 'mbeans', 'replace', 'unset'])

/** Whether a word is no name unless it is quoted, in upper or lower case. */
export function isReserved(word: string): boolean {
  return reserved.has(word.toLowerCase())
}

/** An identifier as CQL text: quoted where it must be, also for older versions. */
export function quoteIdentifier(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) && !reserved.has(name) && !formerlyReserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`
}

/** A text as a CQL literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
