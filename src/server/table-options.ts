import type { OptionValue } from '../cql/index.js'
import { errorCodes } from '../protocol/index.js'
import { Refusal } from './errors.js'

const kinds: Readonly<Record<string, 'integer' | 'number' | 'boolean' | 'text' | 'map'>> = {
  default_time_to_live: 'integer', gc_grace_seconds: 'integer', memtable_flush_period_in_ms: 'integer', min_index_interval: 'integer', max_index_interval: 'integer', bloom_filter_fp_chance: 'number', crc_check_chance: 'number',
  read_repair_chance: 'number', dclocal_read_repair_chance: 'number', cdc: 'boolean', incremental_backups: 'boolean', allow_auto_snapshot: 'boolean', comment: 'text', speculative_retry: 'text', additional_write_policy: 'text',
  memtable: 'text', read_repair: 'text', id: 'text', compaction: 'map', compression: 'map', caching: 'map', extensions: 'map',
}

const strategies: ReadonlySet<string> = new Set(['SizeTieredCompactionStrategy', 'LeveledCompactionStrategy', 'TimeWindowCompactionStrategy', 'UnifiedCompactionStrategy'])

/** Refuses options that no table has, and values that they cannot have (`TableAttributes.java`, `TableParams.java`). */
export function checkTableOptions(options: Readonly<Record<string, OptionValue>>): void {
  for (const [name, value] of Object.entries(options)) checkOption(name, value)
}

function checkOption(name: string, value: OptionValue): void {
  const wrong = (what: string): Refusal => new Refusal(errorCodes.SYNTAX_ERROR, what)
  const kind = Object.hasOwn(kinds, name) ? kinds[name]! : undefined
  if (kind === undefined) throw wrong(`Unknown property '${name}'`)
  if ((kind === 'map') !== (typeof value === 'object')) throw wrong(`Invalid value for property '${name}'. It should be a ${kind === 'map' ? 'map' : 'string'}`)
  const text = typeof value === 'object' ? '' : String(value)
  if (kind === 'integer' && !/^-?\d+$/.test(text)) throw wrong(`Invalid integer value ${text} for '${name}'`)
  if (kind === 'number' && (text.trim() === '' || Number.isNaN(Number(text)))) throw wrong(`Invalid double value ${text} for '${name}'`)
  if (kind === 'boolean' && !/^(true|false|1|yes|0|no)$/i.test(text)) throw wrong(`Invalid boolean value ${text} for '${name}'`)
  if ((name === 'default_time_to_live' || name === 'gc_grace_seconds') && Number(value) < 0) throw new Refusal(errorCodes.CONFIG_ERROR, `${name} must be greater than or equal to 0 (got ${text})`)
  if (name === 'compaction' && typeof value === 'object') checkCompaction(value)
}

function checkCompaction(options: Readonly<Record<string, OptionValue>>): void {
  const given = options['class']
  if (given === undefined) throw new Refusal(errorCodes.CONFIG_ERROR, "Missing sub-option 'class' for the 'compaction' option.")
  const name = String(given)
  const prefix = 'org.apache.cassandra.db.compaction.'
  if (!strategies.has(name.startsWith(prefix) ? name.slice(prefix.length) : name)) throw new Refusal(errorCodes.CONFIG_ERROR, `Unable to find compaction strategy class '${name.includes('.') ? name : prefix + name}'`)
}
