// Who may log in, over restarts; what everybody may do is in `differential/roles.test.ts`.
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Client } from '../../src/client/index.js'
import { CqlServer } from '../../src/server/index.js'

const ROOT = { username: 'root', password: 'first' }
const connect = (server: CqlServer, username?: string, password?: string): Promise<Client> => Client.connect({ contactPoints: server.contactPoints, ...(username !== undefined && { auth: { username, password: password! } }) })

describe('roles', () => {
  let directory: string
  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'cqlwire-roles-')) })
  afterEach(() => rm(directory, { recursive: true }))

  test('roles, what they were granted and their passwords are there after a restart', async () => {
    {
      await using server = await CqlServer.start({ port: 0, directory, auth: ROOT })
      await using root = await connect(server, 'root', 'first')
      await root.execute("CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}")
      await root.execute('CREATE TABLE ks.t (k int PRIMARY KEY)')
      for (const statement of ["CREATE ROLE anna WITH PASSWORD = 'secret of anna' AND LOGIN = true", 'CREATE ROLE readers', 'GRANT readers TO anna', 'GRANT SELECT ON ks.t TO readers', 'CREATE ROLE gone WITH LOGIN = true', 'DROP ROLE gone', "ADD IDENTITY 'spiffe://a' TO ROLE anna"]) await root.execute(statement)
    }
    const kept = (await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), 'latin1').catch(() => '')))).join('')
    expect(kept).toContain('$2a$10$')
    expect(kept).not.toContain('secret of anna')
    // The option is what counts for its user.
    await using server = await CqlServer.start({ port: 0, directory, auth: { username: 'root', password: 'second' } })
    await expect(connect(server, 'root', 'first')).rejects.toThrow('Provided username root and/or password are incorrect')
    await using root = await connect(server, 'root', 'second')
    expect((await root.execute('LIST ROLES')).rows.map(({ role }) => role)).toEqual(['anna', 'readers', 'root'])
    expect((await root.execute('SELECT * FROM system_auth.identity_to_role')).rows).toEqual([{ identity: 'spiffe://a', role: 'anna' }])
    await using anna = await connect(server, 'anna', 'secret of anna')
    expect((await anna.execute('SELECT * FROM ks.t')).rows).toEqual([])
    await expect(anna.execute('INSERT INTO ks.t (k) VALUES (1)')).rejects.toThrow('User anna has no MODIFY permission on <table ks.t> or any of its parents')
    await expect(anna.execute('TRUNCATE ks.t')).rejects.toMatchObject({ code: 'CQL_UNAUTHORIZED' })
  })

  test('another password of the first user holds while the server runs', async () => {
    await using server = await CqlServer.start({ port: 0, auth: ROOT })
    await using root = await connect(server, 'root', 'first')
    await root.execute("ALTER ROLE root WITH PASSWORD = 'other'")
    await expect(connect(server, 'root', 'first')).rejects.toMatchObject({ code: 'CQL_AUTHENTICATION' })
    await using _ = await connect(server, 'root', 'other')
  })

  test('prepared statements and batches are asked for, too', async () => {
    await using server = await CqlServer.start({ port: 0, auth: ROOT })
    await using root = await connect(server, 'root', 'first')
    for (const statement of ["CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'CREATE TABLE ks.t (k int PRIMARY KEY, v int)', "CREATE ROLE bert WITH PASSWORD = 'bert' AND LOGIN = true"]) await root.execute(statement)
    await using bert = await connect(server, 'bert', 'bert')
    const insert = { query: 'INSERT INTO ks.t (k, v) VALUES (?, ?)', values: [1, 1] }
    for (const prepare of [true, false]) await expect(bert.execute('SELECT v FROM ks.t WHERE k = ?', [1], { prepare, types: ['int'] })).rejects.toThrow('no SELECT permission')
    await expect(bert.batch([insert])).rejects.toThrow('no MODIFY permission')
    await root.execute('GRANT MODIFY ON ks.t TO bert')
    await bert.batch([insert])
    await expect(bert.batch([{ ...insert, query: 'UPDATE ks.t SET v = ? WHERE k = ? IF EXISTS' }])).rejects.toThrow('no SELECT permission')
  })

  test('where nobody is asked, everybody may do everything but speak of roles', async () => {
    await using server = await CqlServer.start({ port: 0 })
    await using client = await connect(server)
    await expect(client.execute('LIST ROLES')).rejects.toThrow('You have to be logged in and not anonymous to perform this request')
    await expect(client.execute("CREATE ROLE x WITH PASSWORD = 'x'")).rejects.toThrow("org.apache.cassandra.auth.CassandraRoleManager doesn't support PASSWORD")
    expect((await client.execute('SELECT role FROM system_auth.roles')).rows).toEqual([])
  })
})
