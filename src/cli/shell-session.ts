import { CqlError, OptionError, quoteIdentifier } from '../base/index.js'
import { jsonReplacer } from '../codecs/index.js'
import type { Client, RequestOptions, Result } from '../client/index.js'
import { splitStatements } from '../cql/index.js'
import type { Consistency } from '../protocol/index.js'
import { expandedRows, fittedTable } from './fitted-table.js'
import { completionsOf, consistencyLevels } from './shell-completion.js'
import { cellText } from './text-table.js'

/** Where a shell writes, and what it may ask. */
export interface ShellScreen {
  write(text: string): void
  /** Writes what is no result: warnings, and what a setting is now. */
  note(text: string): void
  /** Columns of the terminal; undefined where there is none. */
  readonly width: number | undefined
  /** Asks whether there should be another page. Without a terminal nobody is asked. */
  more(): Promise<boolean>
  readFile(path: string): Promise<string>
}

/** How rows are shown. */
export type OutputFormat = 'table' | 'json' | 'csv'

/** A statement, or a command of the shell, went wrong. */
export class ShellError extends Error {}

const HELP = `Statements end with a semicolon and may take several lines.

  HELP                        this
  DESCRIBE ...                the schema as CQL: KEYSPACES, TABLES, KEYSPACE k, TABLE t, CLUSTER, ...
  USE keyspace                the keyspace of unqualified names
  CONSISTENCY [level]         of what follows; without a level it is shown
  SERIAL CONSISTENCY [level]  of lightweight transactions
  OUTPUT [TABLE|JSON|CSV]     how rows are shown
  EXPAND [ON|OFF]             a line for each value
  PAGING [ON|OFF|rows]        rows at a time
  TIMING [ON|OFF]             how long each statement took
  TRACING [ON|OFF]            how the servers executed each statement
  SOURCE 'file'               runs the statements of a file
  CLEAR                       clears the screen
  EXIT, QUIT                  ends the shell, as Ctrl-D does; Ctrl-C ends a statement
`

/** Runs statements and commands, and shows what they give: a shell without its keyboard. */
export class ShellSession {
  readonly #root: Client
  readonly #screen: ShellScreen
  #client: Client
  #consistency: Consistency | undefined
  #serialConsistency: 'serial' | 'localSerial' | undefined
  #tracing = false
  #expand = false
  #pageSize = 100
  #paging = true
  timing: boolean
  output: OutputFormat

  constructor(client: Client, screen: ShellScreen, options: { readonly output: OutputFormat; readonly timing: boolean }) {
    this.#root = this.#client = client
    this.#screen = screen
    this.output = options.output
    this.timing = options.timing
  }

  get keyspace(): string | undefined {
    return this.#client.keyspace
  }

  /** What the word before the cursor may become. */
  complete(text: string): [string[], string] {
    return completionsOf(text, { keyspaces: this.#root.cluster.keyspaces, keyspace: this.keyspace })
  }

  /** Whether a line is a command, which needs no semicolon. */
  isCommand(line: string): boolean {
    return /^\s*(help|exit|quit|clear|consistency|serial\s+consistency|output|expand|paging|timing|tracing|source)\b/i.test(line)
  }

  /**
   * Runs the statements of a script, up to the first that fails.
   *
   * @param name of the script, for errors
   * @throws ShellError that says which statement failed, and where it is
   */
  async runScript(script: string, name: string, signal: AbortSignal): Promise<void> {
    const { statements, rest } = splitStatements(script)
    const all = rest.trim() === '' ? statements : [...statements, { text: rest, start: script.length - rest.length }]
    for (const { text, start } of all) {
      try {
        if ((await this.run(text, signal)) === 'exit') return
      } catch (error) {
        if (!(error instanceof ShellError)) throw error
        throw new ShellError(`${name}, line ${script.slice(0, start).split('\n').length}: ${error.message}`)
      }
    }
  }

  /** Runs one statement or command. @throws ShellError @returns `exit` when the shell should end */
  async run(text: string, signal: AbortSignal): Promise<'exit' | undefined> {
    const statement = text.trim().replace(/;$/, '')
    if (statement === '') return undefined
    if (this.isCommand(statement)) return this.#command(statement, signal)
    try {
      const use = /^use\s+("(?:[^"]|"")+"|\w+)$/i.exec(statement)
      if (use) await this.#use(use[1]!)
      else if (/^desc(ribe)?\b/i.test(statement)) await this.#describe(statement.replace(/^desc\b/i, 'DESCRIBE'), signal)
      else await this.#execute(statement, signal)
    } catch (error) {
      if (signal.aborted) throw new ShellError('Cancelled')
      if (error instanceof CqlError) throw new ShellError(explain(error, statement))
      throw error
    }
    return undefined
  }

  async #use(name: string): Promise<void> {
    const keyspace = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase()
    const { rows } = await this.#root.execute('SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?', [keyspace])
    if (rows.length === 0 && !this.#root.cluster.keyspaces.has(keyspace)) throw new ShellError(`There is no keyspace '${keyspace}'`)
    this.#client = this.#root.with({ keyspace })
  }

  get #options(): RequestOptions {
    return { ...(this.#consistency && { consistency: this.#consistency }), ...(this.#serialConsistency && { serialConsistency: this.#serialConsistency }), tracing: this.#tracing, rowMode: 'array' }
  }

  async #execute(statement: string, signal: AbortSignal): Promise<void> {
    const started = performance.now()
    const paging = this.#paging ? { pageSize: this.#pageSize } : {}
    let result = await this.#client.execute<unknown[]>(statement, [], { ...this.#options, ...paging, signal })
    const took = performance.now() - started
    let shown = 0
    if (result.columns.length > 0) {
      for (;;) {
        this.#showRows(result, shown)
        shown += result.rows.length
        if (!result.hasMorePages || !(await this.#screen.more())) break
        result = await this.#client.execute<unknown[]>(statement, [], { ...this.#options, ...paging, signal, pageState: result.pageState })
      }
      if (this.output === 'table') this.#screen.write(`\n(${shown} ${shown === 1 ? 'row' : 'rows'}${result.hasMorePages ? ', more to come' : ''}${this.timing ? `, ${took.toFixed(1)} ms` : ''})\n`)
    } else if (this.timing && this.output === 'table') this.#screen.write(`(${took.toFixed(1)} ms)\n`)
    for (const warning of result.info.warnings) this.#screen.note(`Warning: ${warning}\n`)
    if (result.info.traceId !== undefined) await this.#showTrace(result.info.traceId)
  }

  #showRows({ columns, rows }: Result<unknown[]>, before: number): void {
    const names = columns.map(({ name }) => name)
    const { write } = this.#screen
    switch (this.output) {
      case 'json':
        return write(rows.map((row) => `${JSON.stringify(Object.fromEntries(names.map((name, i) => [name, row[i]])), jsonReplacer)}\n`).join(''))
      case 'csv':
        return write(`${[...(before === 0 ? [names] : []), ...rows.map((row) => row.map((value) => (value === null ? '' : cellText(value))))].map((line) => `${line.map(quoted).join(',')}\n`).join('')}`)
      default:
        write(`${this.#expand ? expandedRows(names, rows, before + 1) : fittedTable(names, rows, this.#screen.width)}\n`)
    }
  }

  async #describe(statement: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#client.execute<Record<string, unknown>>(this.#qualified(statement), [], { signal })
    const { columns } = answer
    const isList = /^describe\s+(tables|types|functions|aggregates)$/i.test(statement)
    const rows = isList && this.keyspace !== undefined ? answer.rows.filter((row) => row['keyspace_name'] === this.keyspace) : answer.rows
    const found = rows.flatMap((row) => (row['create_statement'] === undefined ? [] : [String(row['create_statement'])]))
    if (found.length > 0) return this.#screen.write(`${found.join('\n\n')}\n`)
    // Lists of names, by keyspace; anything else as a table.
    if (!columns.some(({ name }) => name === 'keyspace_name') || !columns.some(({ name }) => name === 'name')) return this.#screen.write(`${fittedTable(columns.map(({ name }) => name), rows.map((row) => Object.values(row)), this.#screen.width)}\n`)
    const byKeyspace = new Map<string, string[]>()
    for (const row of rows) byKeyspace.set(String(row['keyspace_name']), [...(byKeyspace.get(String(row['keyspace_name'])) ?? []), String(row['name'])])
    const isOfKeyspaces = rows.every((row) => row['type'] === 'keyspace')
    this.#screen.write(isOfKeyspaces ? `${rows.map((row) => String(row['name'])).join('\n')}\n` : [...byKeyspace].map(([keyspace, names]) => `${keyspace}\n${names.map((name) => `  ${name}\n`).join('')}`).join('\n'))
  }

  /** A description with the keyspace in use: servers go by that of the connection, which is none here. */
  #qualified(statement: string): string {
    if (this.keyspace === undefined) return statement
    const keyspace = quoteIdentifier(this.keyspace)
    if (/^describe\s+(only\s+)?keyspace$/i.test(statement)) return `${statement} ${keyspace}`
    const [, head, name] = /^(describe\s+(?:(?:table|type|index|function|aggregate|materialized\s+view)\s+)?)("(?:[^"]|"")+"|\w+)$/i.exec(statement) ?? []
    const isWord = name !== undefined && /^describe\s+$/i.test(head!) && (/^(cluster|schema|keyspaces|tables|types|functions|aggregates|keyspace|full|only)$/i.test(name) || this.#root.cluster.keyspaces.has(name))
    return name === undefined || isWord ? statement : `${head}${keyspace}.${name}`
  }

  async #showTrace(id: string): Promise<void> {
    const { request, coordinator, durationMicros, events } = await this.#root.trace(id)
    this.#screen.write(`\nTrace ${id}: ${request} on ${coordinator}, ${durationMicros} µs\n`)
    this.#screen.write(`${fittedTable(['µs', 'node', 'activity'], events.map(({ elapsedMicros, source, activity }) => [elapsedMicros, source, activity]), this.#screen.width)}\n`)
  }

  async #command(text: string, signal: AbortSignal): Promise<'exit' | undefined> {
    const [, command, argument = ''] = /^(serial\s+consistency|\w+)\s*([\s\S]*)$/i.exec(text)!
    const { write, note } = this.#screen
    switch (command!.toUpperCase().replace(/\s+/, ' ')) {
      case 'EXIT':
      case 'QUIT':
        return 'exit'
      case 'HELP':
        write(HELP)
        break
      case 'CLEAR':
        write('\u001b[2J\u001b[H')
        break
      case 'CONSISTENCY':
        if (argument !== '') this.#consistency = levelOf(argument, consistencyLevels) as Consistency
        note(`Consistency: ${this.#consistency ?? 'localQuorum (the default)'}\n`)
        break
      case 'SERIAL CONSISTENCY':
        if (argument !== '') this.#serialConsistency = levelOf(argument, ['SERIAL', 'LOCAL_SERIAL']) as 'serial'
        note(`Serial consistency: ${this.#serialConsistency ?? 'serial (the default)'}\n`)
        break
      case 'OUTPUT':
        if (argument !== '') this.output = oneOf(argument, ['table', 'json', 'csv'])
        note(`Output: ${this.output}\n`)
        break
      case 'EXPAND':
        this.#expand = switched(argument, this.#expand)
        note(`Expand: ${this.#expand ? 'on' : 'off'}\n`)
        break
      case 'TIMING':
        this.timing = switched(argument, this.timing)
        note(`Timing: ${this.timing ? 'on' : 'off'}\n`)
        break
      case 'TRACING':
        this.#tracing = switched(argument, this.#tracing)
        note(`Tracing: ${this.#tracing ? 'on' : 'off'}\n`)
        break
      case 'PAGING':
        if (/^\d+$/.test(argument) && Number(argument) > 0) [this.#paging, this.#pageSize] = [true, Number(argument)]
        else this.#paging = switched(argument, this.#paging)
        note(`Paging: ${this.#paging ? `${this.#pageSize} rows` : 'off'}\n`)
        break
      default: {
        const path = /^'([^']+)'$/.exec(argument)?.[1]
        if (path === undefined) throw new ShellError("SOURCE wants a file's name in quotes: SOURCE 'schema.cql'")
        let script: string
        try {
          script = await this.#screen.readFile(path)
        } catch (error) {
          throw new ShellError(`${path} cannot be read: ${(error as Error).message}`)
        }
        await this.runScript(script, path, signal)
      }
    }
    return undefined
  }
}

function levelOf(text: string, known: readonly string[]): string {
  const level = text.trim().toUpperCase()
  if (!known.includes(level)) throw new ShellError(`There is no such level: ${text}. Those that there are: ${known.join(', ')}`)
  return level.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function oneOf<Name extends string>(text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text.trim().toLowerCase())
  if (!found) throw new ShellError(`One of ${names.join(', ')} is wanted, not ${text}`)
  return found
}

function switched(text: string, now: boolean): boolean {
  return text.trim() === '' ? !now : oneOf(text, ['on', 'off']) === 'on'
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** An error, with the place in the statement where the server has found it. */
function explain(error: CqlError, statement: string): string {
  if (error instanceof OptionError) return error.message
  const [, line, column] = /^line (\d+):(\d+) /.exec(error.message) ?? []
  const at = line === undefined ? undefined : statement.split('\n')[Number(line) - 1]
  return at === undefined ? error.message : `${error.message}\n  ${at}\n  ${' '.repeat(Number(column))}^`
}
