import { OptionError } from '../base/index.js'
import type { ClientOptions } from './options.js'

/** Parameters of a URL that stand for numbers and booleans; all others are texts. */
const numbers: ReadonlySet<string> = new Set(['pageSize', 'maxRows', 'timeoutMs', 'attemptTimeoutMs', 'connectTimeoutMs', 'heartbeatMs', 'maxInFlight', 'maxQueue', 'maxPrepared', 'maxFrameLength', 'protocolVersion'])
const booleans: ReadonlySet<string> = new Set(['tls', 'idempotent', 'tracing', 'prepare', 'autoPage', 'connectRetry'])
const texts: ReadonlySet<string> = new Set(['dc', 'localDataCenter', 'localRack', 'schema', 'compression', 'consistency', 'serialConsistency', 'rowMode', 'applicationName', 'applicationVersion'])

/**
 * Reads `cql://user:secret@host1:9042,[::1]:9043/keyspace?dc=dc1&tls=true`. The standard URL parser knows
 * one host only, hence this one. Parameters are named as the options, `dc` stands for `localDataCenter`.
 *
 * @throws OptionError naming the part at fault; never showing the password
 */
export function parseConnectionUrl(url: string): ClientOptions {
  const match = /^cql:\/\/(?:([^@/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url)
  if (!match) throw new OptionError('url', 'A connection URL has the form cql://user:password@host1:9042,host2/keyspace?dc=dc1')
  const [, user, hosts, path, query] = match
  const contactPoints = (hosts ?? '').split(',').map((host) => decode(host, 'host'))
  if (contactPoints.some((host) => host === '')) throw new OptionError('contactPoints', 'The connection URL names no host between two commas, or none at all')
  const options: Record<string, unknown> = { contactPoints }
  if (user !== undefined) {
    const colon = user.indexOf(':')
    if (colon < 0) throw new OptionError('auth', 'The connection URL has a user name but no password: write user:password@')
    options['auth'] = { username: decode(user.slice(0, colon), 'user name'), password: decode(user.slice(colon + 1), 'password') }
  }
  const keyspace = path === undefined || path === '' ? undefined : decode(path.replace(/\/$/, ''), 'keyspace')
  if (keyspace !== undefined) options['keyspace'] = keyspace
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals), 'parameter')
    const value = equals < 0 ? 'true' : decode(pair.slice(equals + 1), `parameter '${name}'`)
    options[name === 'dc' ? 'localDataCenter' : name] = parameter(name, value)
  }
  return options as unknown as ClientOptions
}

function parameter(name: string, value: string): unknown {
  if (numbers.has(name)) {
    if (!/^\d+$/.test(value)) throw new OptionError(name, `Parameter '${name}' of the connection URL must be a whole number`)
    return Number(value)
  }
  if (booleans.has(name)) {
    if (value !== 'true' && value !== 'false') throw new OptionError(name, `Parameter '${name}' of the connection URL must be true or false`)
    return value === 'true'
  }
  if (!texts.has(name)) throw new OptionError(name, `Unknown parameter '${name}' in the connection URL`)
  return value
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new OptionError('url', `The ${what} in the connection URL is not percent-encoded correctly`)
  }
}

/** Splits `host`, `host:port` or `[v6]:port`. @throws OptionError */
export function parseContactPoint(point: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)|([0-9a-fA-F]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*))(?::(\d{1,5}))?$/.exec(point)
  const port = Number(match?.[4] ?? 9042)
  if (!match || port < 1 || port > 65_535) throw new OptionError('contactPoints', `Option 'contactPoints': '${point}' is none; write host, host:port or [v6]:port`)
  return { host: (match[1] ?? match[2] ?? match[3])!, port }
}
