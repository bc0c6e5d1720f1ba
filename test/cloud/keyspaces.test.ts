// Amazon Keyspaces: the signature against Amazon's own example and another implementation of it, and a double of the service.
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { keyspaces, sigV4Auth } from '../../src/cloud/keyspaces.js'
import type { AwsCredentials } from '../../src/cloud/keyspaces.js'
import { errorMessage } from '../../src/protocol/index.js'
import { rowsOf, ScriptedServer } from '../support/scripted-server.js'

const decode = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array(0))
const answer = async (options: Parameters<typeof sigV4Auth>[0], challenge: string): Promise<string> => decode(await sigV4Auth(options).authenticator({ address: 'x', port: 1 }, '').evaluateChallenge!(new TextEncoder().encode(challenge)))

/** What the service works out for itself. */
function expected(nonce: string, region: string, { accessKeyId, secretAccessKey }: AwsCredentials, time: string): string {
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex')
  const day = time.slice(0, 10).replaceAll('-', '')
  const request = ['PUT', '/authenticate', `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${accessKeyId}%2F${day}%2F${region}%2Fcassandra%2Faws4_request&X-Amz-Date=${time.replaceAll(':', '%3A')}&X-Amz-Expires=900`, 'host:cassandra', '', 'host', sha(nonce)].join('\n')
  const key = [day, region, 'cassandra', 'aws4_request'].reduce<Buffer | string>((before, part) => createHmac('sha256', before).update(part).digest(), `AWS4${secretAccessKey}`)
  return createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n${time}\n${day}/${region}/cassandra/aws4_request\n${sha(request)}`).digest('hex')
}

describe('sigV4Auth', () => {
  const credentials = { accessKeyId: 'UserID-1', secretAccessKey: 'UserSecretKey-1' }
  const now = (): number => Date.parse('2020-06-09T22:41:51Z')

  test("Amazon's example", async () => {
    expect(await answer({ region: 'us-west-2', credentials, now }, 'nonce=91703fdc2ef562e19fbdab0f58e42fe5')).toBe('signature=7f3691c18a81b8ce7457699effbfae5b09b4e0714ab38c1292dbdf082c9ddd87,access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z')
  })

  test('temporary credentials, asked for at each connection', async () => {
    let asked = 0
    const options = { region: 'eu-central-1', now, credentials: () => Promise.resolve({ ...credentials, sessionToken: `token ${++asked}` }) }
    expect(await answer(options, 'other=1,nonce=abc')).toBe(`signature=${expected('abc', 'eu-central-1', credentials, '2020-06-09T22:41:51.000Z')},access_key=UserID-1,amzdate=2020-06-09T22:41:51.000Z,session_token=token 1`)
    expect(await answer(options, 'nonce=abc')).toContain('session_token=token 2')
  })

  test('what is missing is said', async () => {
    expect(() => sigV4Auth({ region: '', credentials })).toThrow("Option 'region'")
    await expect(answer({ region: 'x', credentials: { accessKeyId: 'a', secretAccessKey: '' } }, 'nonce=1')).rejects.toThrow('no secretAccessKey')
    await expect(answer({ region: 'x', credentials }, 'hello')).rejects.toThrow('without a nonce')
  })
})

test('a double of the service: signed, one node, no peers_v2, a partitioner of its own', async () => {
  const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }
  const consistencies = new Set<string>()
  await using server = await ScriptedServer.start((request, streamId, connection) => {
    switch (request.type) {
      case 'STARTUP':
        connection.reply(streamId, { type: 'AUTHENTICATE', authenticator: 'org.apache.cassandra.auth.PasswordAuthenticator' })
        return true
      case 'AUTH_RESPONSE': {
        const text = decode(request.token)
        if (text === 'SigV4\0\0') connection.reply(streamId, { type: 'AUTH_CHALLENGE', token: new TextEncoder().encode('nonce=cafe') })
        else {
          const [, signature, time] = /^signature=(\w+),access_key=AKIATEST,amzdate=(.*)$/.exec(text) ?? []
          if (time !== undefined && signature === expected('cafe', 'eu-west-1', credentials, time) && Math.abs(Date.now() - Date.parse(time)) < 60_000) connection.reply(streamId, { type: 'AUTH_SUCCESS', token: null })
          else connection.reply(streamId, errorMessage(0x0100, 'Authentication failed'))
        }
        return true
      }
      case 'QUERY': {
        if (request.query.includes('peers_v2')) connection.reply(streamId, errorMessage(0x2200, 'unconfigured table peers_v2'))
        else if (request.query.includes('system.local')) connection.reply(streamId, rowsOf([['host_id', { kind: 'uuid' }], ['data_center', { kind: 'text' }], ['partitioner', { kind: 'text' }], ['release_version', { kind: 'text' }]], [['00000000-0000-4000-8000-000000000001', 'eu-west-1', 'com.amazonaws.cassandra.DefaultPartitioner', '3.11.2']]))
        else return false
        return true
      }
      case 'EXECUTE':
        consistencies.add(request.parameters.consistency)
        return false
      default:
        return false
    }
  }, [3, 4])
  const { tls: _, contactPoints: [endpoint], ...options } = keyspaces({ region: 'eu-west-1', credentials })
  expect(endpoint).toBe('cassandra.eu-west-1.amazonaws.com:9142')
  await using client = await Client.connect({ ...options, contactPoints: server.contactPoints })
  expect((await client.execute('SELECT id, v FROM t WHERE id = ?', [7])).first()).toEqual({ id: 7, v: 'value of 7' })
  expect([...consistencies]).toEqual(['localQuorum'])
  const { auth: __, ...withoutAuth } = options
  await expect(Client.connect({ ...withoutAuth, contactPoints: server.contactPoints, auth: sigV4Auth({ region: 'eu-west-1', credentials: { ...credentials, secretAccessKey: 'wrong' } }) })).rejects.toMatchObject({ code: 'CQL_AUTHENTICATION' })
})
