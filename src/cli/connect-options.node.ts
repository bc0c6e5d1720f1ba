import process from 'node:process'
import { OptionError } from '../base/index.js'
import { Client } from '../client/index.js'
import { parseConnectionUrl } from '../client/connection-url.js'

/** Options that commands which connect have in common, for `parseArgs`. */
export const connectOptions = {
  'contact-points': { type: 'string' }, url: { type: 'string' }, user: { type: 'string' }, dc: { type: 'string' }, consistency: { type: 'string' },
} as const

/** How `--help` explains them. */
export const connectHelp = `  --contact-points HOSTS   hosts of the cluster, with commas between (default 127.0.0.1)
  --url URL                the same as a connection URL: cql://user:password@host/?dc=dc1&tls=true
  --user NAME              user name; the password comes from the variable CQLWIRE_PASSWORD
  --dc NAME                data centre whose nodes are used
  --consistency LEVEL      such as localOne, localQuorum, all`

type ConnectValues = { readonly [Name in keyof typeof connectOptions]?: string | undefined }

/** The credentials that --user and the environment give. @throws OptionError when there is no password */
export function credentials(user: string | undefined): { readonly username: string; readonly password: string } | undefined {
  if (user === undefined) return undefined
  const password = process.env['CQLWIRE_PASSWORD']
  if (password === undefined) throw new OptionError('user', 'With --user, set the variable CQLWIRE_PASSWORD to the password')
  return { username: user, password }
}

/** Connects as the command line says. */
export async function connect(values: ConnectValues, command: string): Promise<Client> {
  const { url, user, dc, consistency } = values
  const auth = credentials(user)
  if (url !== undefined && values['contact-points'] !== undefined) throw new OptionError('url', 'Give either --url or --contact-points')
  const base = url === undefined ? { contactPoints: (values['contact-points'] ?? '127.0.0.1').split(',') } : parseConnectionUrl(url)
  return Client.connect({
    ...base, applicationName: `cqlwire ${command}`,
    ...(auth && { auth }),
    ...(dc !== undefined && { localDataCenter: dc }),
    ...(consistency !== undefined && { consistency: consistency as 'one' }),
  })
}

/** A number that an option gives. @throws OptionError when it is none */
export function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) throw new OptionError(name, `--${name} must be a whole number, not '${text}'`)
  return value
}
