import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { parseArgs } from 'node:util'
import { OptionError } from '../base/index.js'
import { splitStatements } from '../cql/index.js'
import { connect, connectHelp, connectOptions } from './connect-options.node.js'
import { ShellError, ShellSession } from './shell-session.js'
import type { OutputFormat, ShellScreen } from './shell-session.js'

const help = `Usage: cqlwire shell [options]

Runs statements: from the keyboard, from a file, from the command line or from standard input.

Options:
${connectHelp}
  --keyspace NAME          of unqualified names
  -e, --execute TEXT       run these statements, and end
  -f, --file FILE          run the statements of a file, and end; - for standard input
  --json                   rows as JSON, one a line
  --csv                    rows as CSV
  --timing                 show how long statements took
  --help                   show this

In the shell, HELP lists its commands. Ctrl-C ends a statement, Ctrl-D the shell. Lines are kept in
~/.cqlwire_history (CQLWIRE_HISTORY names another file), but none with a password in it.
`

const MOST_LINES = 1000

/** `cqlwire shell`. */
export async function shell(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { ...connectOptions, keyspace: { type: 'string' }, execute: { type: 'string', short: 'e' }, file: { type: 'string', short: 'f' }, json: { type: 'boolean' }, csv: { type: 'boolean' }, timing: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  if (values.json && values.csv) throw new OptionError('json', 'Give either --json or --csv')
  const output: OutputFormat = values.json ? 'json' : values.csv ? 'csv' : 'table'
  await using client = await connect(values, 'shell')
  const isInteractive = values.execute === undefined && values.file === undefined && process.stdin.isTTY
  const terminal = isInteractive ? new Terminal() : undefined
  const screen: ShellScreen = {
    write: (text) => void process.stdout.write(text),
    note: (text) => void (isInteractive ? process.stdout : process.stderr).write(text),
    get width() { return process.stdout.isTTY ? process.stdout.columns : undefined },
    more: () => terminal?.more() ?? Promise.resolve(true),
    readFile: (path) => readFile(path, 'utf8'),
  }
  const session = new ShellSession(client, screen, { output, timing: values.timing ?? isInteractive })
  const never = new AbortController().signal
  if (values.keyspace !== undefined) await session.run(`USE "${values.keyspace.replaceAll('"', '""')}"`, never).catch(fail)
  if (terminal) {
    const node = client.cluster.nodes[0]
    process.stdout.write(`Connected to ${client.cluster.nodes.length} ${client.cluster.nodes.length === 1 ? 'node' : 'nodes'}, release ${node?.releaseVersion}. HELP lists commands, Ctrl-D ends.\n`)
    return await terminal.run(session)
  }
  const file = values.file ?? '-'
  const script = values.execute ?? (file === '-' ? await standardInput() : await readFile(file, 'utf8').catch((error: Error) => { throw new OptionError('file', `${file} cannot be read: ${error.message}`) }))
  await session.runScript(script, values.execute === undefined ? (file === '-' ? 'standard input' : file) : 'the command line', never).catch(fail)
}

function fail(error: unknown): void {
  if (!(error instanceof ShellError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}

async function standardInput(): Promise<string> {
  let text = ''
  process.stdin.setEncoding('utf8')
  for await (const chunk of process.stdin) text += chunk as string
  return text
}

/** The keyboard: lines, history, completion, and Ctrl-C. */
class Terminal {
  readonly #historyFile = process.env['CQLWIRE_HISTORY'] ?? join(homedir(), '.cqlwire_history')
  #lines!: Interface
  #running: AbortController | undefined
  /** Lines of a statement whose end has not come. */
  #pending = ''
  /** Waits for a line that is no statement. */
  #asking: ((line: string) => void) | undefined

  /** Asks whether there should be another page. */
  async more(): Promise<boolean> {
    const line = await new Promise<string>((resolve) => {
      this.#asking = resolve
      this.#lines.setPrompt('-- Enter for more, q to stop --')
      this.#lines.prompt()
    })
    this.#asking = undefined
    return !/^\s*(q|n)/i.test(line)
  }

  async run(session: ShellSession): Promise<void> {
    const history = existsSync(this.#historyFile) ? readFileSync(this.#historyFile, 'utf8').split('\n').filter((line) => line !== '').slice(-MOST_LINES).reverse() : []
    const lines = (this.#lines = createInterface({ input: process.stdin, output: process.stdout, terminal: true, history, historySize: MOST_LINES, removeHistoryDuplicates: true, completer: (line: string) => session.complete(this.#pending + line) }))
    const prompt = (): void => {
      lines.setPrompt(this.#pending === '' ? `${session.keyspace ?? 'cql'}> ` : `${' '.repeat(Math.max(0, (session.keyspace ?? 'cql').length - 2))}... `)
      lines.prompt()
    }
    const queue: string[] = []
    let busy = false
    const work = async (): Promise<void> => {
      if (busy) return
      busy = true
      for (let line = queue.shift(); line !== undefined; line = queue.shift()) if ((await this.#onLine(line, session)) === 'exit') lines.close()
      busy = false
      prompt()
    }
    await new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (this.#asking) return this.#asking(line)
        queue.push(line)
        void work()
      })
      lines.on('SIGINT', () => {
        if (this.#running) return this.#running.abort()
        this.#pending = ''
        process.stdout.write('^C\n')
        // Whatever stands on the line is thrown away.
        ;(lines as unknown as { line: string; cursor: number }).line = ''
        ;(lines as unknown as { line: string; cursor: number }).cursor = 0
        prompt()
      })
      lines.on('close', () => {
        this.#running?.abort()
        this.#asking?.('q')
        resolve()
      })
      prompt()
    })
    process.stdout.write('\n')
  }

  async #onLine(line: string, session: ShellSession): Promise<'exit' | undefined> {
    const text = this.#pending === '' && session.isCommand(line) ? `${line.trim().replace(/;$/, '')};` : `${this.#pending}${line}\n`
    const { statements, rest } = splitStatements(text)
    this.#pending = rest.trim() === '' ? '' : rest
    for (const { text: statement } of statements) {
      this.#remember(statement)
      this.#running = new AbortController()
      try {
        if ((await session.run(statement, this.#running.signal)) === 'exit') return 'exit'
      } catch (error) {
        if (!(error instanceof ShellError)) throw error
        process.stdout.write(`${error.message}\n`)
        return undefined
      } finally {
        this.#running = undefined
      }
    }
    return undefined
  }

  /** Keeps a statement for later sessions, as one line. */
  #remember(statement: string): void {
    if (/password/i.test(statement)) return
    const line = `${statement.replaceAll(/\s*\n\s*/g, ' ')};\n`
    try {
      if (existsSync(this.#historyFile)) appendFileSync(this.#historyFile, line)
      else writeFileSync(this.#historyFile, line, { mode: 0o600 })
    } catch {
      // a history that cannot be written is no reason to stop
    }
  }
}
