/**
 * cloud: databases as services, each an entry of its own.
 *
 * Here: Amazon Keyspaces (`keyspaces.ts`), secure-connect bundles of Astra (`astra.node.ts`). Not here: what every server needs (`client/`).
 */
import { OptionError, toHex } from '../base/index.js'
import type { AuthProvider, ClientOptions } from '../client/index.js'

/** Who signs, as the AWS SDK's credential providers give it. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that are temporary. */
  readonly sessionToken?: string | undefined
}

/** Options of {@link sigV4Auth}. */
export interface SigV4Options {
  /** Such as `eu-central-1`. */
  readonly region: string
  /** Credentials, or a function that is asked at each connection: `fromNodeProviderChain()` of `@aws-sdk/credential-providers` is one. */
  readonly credentials: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>)
  /** Milliseconds since 1970. @default the system's time */
  readonly now?: () => number
}

const encoder = new TextEncoder()
const ALGORITHM = 'AWS4-HMAC-SHA256'

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const imported = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return new Uint8Array(await crypto.subtle.sign('HMAC', imported, encoder.encode(text)))
}

async function sha256(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))
}

/** The answer to a challenge of Amazon Keyspaces: a signed request, as Signature Version 4 has it. */
async function signedAnswer(nonce: string, { region, now = Date.now }: SigV4Options, { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials): Promise<string> {
  const time = new Date(now()).toISOString()
  const day = time.slice(0, 10).replaceAll('-', '')
  const scope = `${day}/${region}/cassandra/aws4_request`
  const query = [`X-Amz-Algorithm=${ALGORITHM}`, `X-Amz-Credential=${accessKeyId}%2F${encodeURIComponent(scope)}`, `X-Amz-Date=${encodeURIComponent(time)}`, 'X-Amz-Expires=900'].join('&')
  const request = `PUT\n/authenticate\n${query}\nhost:cassandra\n\nhost\n${await sha256(nonce)}`
  let key = encoder.encode(`AWS4${secretAccessKey}`)
  for (const part of [day, region, 'cassandra', 'aws4_request']) key = (await hmac(key, part)) as Uint8Array<ArrayBuffer>
  const signature = toHex(await hmac(key, `${ALGORITHM}\n${time}\n${scope}\n${await sha256(request)}`))
  return `signature=${signature},access_key=${accessKeyId},amzdate=${time}${sessionToken === undefined ? '' : `,session_token=${sessionToken}`}`
}

/**
 * Authenticates by AWS's Signature Version 4, as Amazon Keyspaces wants it in place of a password.
 *
 * @returns for the option `auth` of a client
 * @throws OptionError when the region or the credentials are missing
 * @see https://docs.aws.amazon.com/keyspaces/latest/devguide/programmatic.credentials.html
 */
export function sigV4Auth(options: SigV4Options): AuthProvider {
  if (typeof options.region !== 'string' || options.region === '') throw new OptionError('region', "Option 'region' must say which region of AWS it is, such as 'eu-central-1'")
  return {
    authenticator: () => ({
      initialResponse: () => encoder.encode('SigV4\0\0'),
      async evaluateChallenge(challenge) {
        const nonce = /nonce=([^,]+)/.exec(new TextDecoder().decode(challenge ?? new Uint8Array(0)))?.[1]
        if (nonce === undefined) throw new OptionError('auth', 'The server sent a challenge without a nonce: is it Amazon Keyspaces?')
        const credentials = typeof options.credentials === 'function' ? await options.credentials() : options.credentials
        for (const name of ['accessKeyId', 'secretAccessKey'] as const) if (typeof credentials?.[name] !== 'string' || credentials[name] === '') throw new OptionError('credentials', `The AWS credentials have no ${name}`)
        return encoder.encode(await signedAnswer(nonce, options, credentials))
      },
    }),
  }
}

/**
 * Options of a client of Amazon Keyspaces: its endpoint, TLS by name, signed authentication, the consistency that it knows.
 *
 * @example
 * ```ts
 * import { Client } from 'cqlwire'
 * import { keyspaces } from 'cqlwire/keyspaces'
 * await using client = await Client.connect({ ...keyspaces({ region: 'eu-central-1', credentials: { accessKeyId: 'AKIA...', secretAccessKey: '...' } }), keyspace: 'shop' })
 * ```
 */
export function keyspaces(options: SigV4Options): Pick<ClientOptions, 'contactPoints' | 'localDataCenter' | 'tls' | 'auth' | 'consistency' | 'serialConsistency'> {
  const name = `cassandra.${options.region}.amazonaws.com`
  return { contactPoints: [`${name}:9142`], localDataCenter: options.region, tls: { serverName: name }, auth: sigV4Auth(options), consistency: 'localQuorum', serialConsistency: 'localSerial' }
}
