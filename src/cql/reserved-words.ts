/** Words that are no names unless they are quoted (Cassandra 5.0, `reserved_keywords.txt`), and the two constants that are words. */
const words: ReadonlySet<string> = new Set(
  ('add allow alter and apply asc authorize batch begin by columnfamily create delete desc describe drop entries execute from full grant if in index infinity insert into is keyspace limit materialized ' +
    'modify nan norecursive not null of on or order primary rename revoke schema select set table to token truncate unlogged update use using view where with true false').split(' '),
)

/** Whether a word is no name unless it is quoted, in upper or lower case. */
export function isReserved(word: string): boolean {
  return words.has(word.toLowerCase())
}
