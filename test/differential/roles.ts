// Statements of roles and permissions as several users run them: what each may do, and in which words the others are refused.
import { Client, CqlError } from '../../src/client/index.js'
import { outcomeOf } from './outcome.js'
import type { Outcome } from './outcome.js'

/** What Cassandra 5.0.6 said to each step. */
export const ROLE_ANSWERS = 'test/differential/role-answers.json'

/** The first superuser. */
export const ROOT = { username: 'cassandra', password: 'cassandra' }

/** A user and what they say; `LOGIN` with a password, which is the name otherwise, opens a connection. */
type Step = readonly [user: string, statement: string]

const as = (user: string, ...statements: readonly string[]): Step[] => statements.map((statement) => [user, statement])
const root = (...statements: readonly string[]): Step[] => as('cassandra', ...statements)

/** A value of bcrypt for the password `hashed`. */
const HASH = '$2a$04$abcdefghijklmnopqrstuu369LYjJlegQeGD0CWsjs58fASePKjWq'

export const steps: readonly Step[] = [
  ...root("CREATE KEYSPACE IF NOT EXISTS own WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'LIST ROLES', 'LIST USERS', 'CREATE TABLE own.t (k int, c int, v int, s int static, PRIMARY KEY (k, c))', 'CREATE TABLE own.u (k int PRIMARY KEY, n counter)', 'INSERT INTO own.t (k, c, v, s) VALUES (1, 1, 1, 1)'),
  // Roles, and who may log in.
  ...root("CREATE ROLE anna WITH PASSWORD = 'anna' AND LOGIN = true", "CREATE ROLE anna WITH PASSWORD = 'anna'", "CREATE ROLE IF NOT EXISTS anna WITH PASSWORD = 'other'", "CREATE USER bert WITH PASSWORD 'bert' NOSUPERUSER", "CREATE USER IF NOT EXISTS bert WITH PASSWORD 'x'", "CREATE USER bert WITH PASSWORD 'x'", "CREATE ROLE carl WITH PASSWORD = 'carl' AND LOGIN = false",
    "CREATE ROLE 'Dora D' WITH LOGIN = true AND PASSWORD = 'Dora D'", 'CREATE ROLE readers', 'CREATE ROLE writers', 'CREATE ROLE staff', "CREATE ROLE ''", "CREATE ROLE boss WITH SUPERUSER = true AND PASSWORD = 'boss' AND LOGIN = true", `CREATE ROLE hashed WITH HASHED PASSWORD = '${HASH}' AND LOGIN = true`, "CREATE ROLE broken WITH HASHED PASSWORD = 'abc'", "CREATE ROLE both WITH HASHED PASSWORD = 'abc' AND PASSWORD = 'abc'",
    "CREATE ROLE custom WITH OPTIONS = {'a': 'b'}", "CREATE ROLE here WITH ACCESS TO DATACENTERS {'nowhere'}", "CREATE ROLE inside WITH ACCESS FROM CIDRS {'office'}", 'LIST ROLES', 'LIST USERS', 'LIST ROLES OF anna', 'LIST ROLES OF nobody', 'SELECT role, can_login, is_superuser, member_of FROM system_auth.roles'),
  ...as('anna', 'LOGIN', 'LOGIN wrong', 'LIST ROLES', 'LIST USERS', 'LIST ROLES OF anna', 'LIST ROLES OF bert', 'LIST ROLES OF nobody'),
  ...as('bert', 'LOGIN'), ...as('carl', 'LOGIN', 'LOGIN wrong'), ...as('Dora D', 'LOGIN'), ...as('nobody', 'LOGIN'), ...as('hashed', 'LOGIN hashed', 'LOGIN wrong'), ...as('readers', 'LOGIN'),
  // What nobody has granted.
  ...as('anna', 'SELECT * FROM own.t WHERE k = 1', 'SELECT k, c FROM own.t', 'INSERT INTO own.t (k, c) VALUES (1, 2)', 'UPDATE own.t SET v = 1 WHERE k = 1 AND c = 1', 'DELETE FROM own.t WHERE k = 1', 'TRUNCATE own.t', 'BEGIN BATCH INSERT INTO own.t (k, c) VALUES (1, 2) APPLY BATCH', "CREATE KEYSPACE mine WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'DROP KEYSPACE own', "ALTER KEYSPACE own WITH durable_writes = false",
    'CREATE TABLE own.x (k int PRIMARY KEY)', 'DROP TABLE own.t', 'ALTER TABLE own.t ADD w int', 'CREATE INDEX ON own.t (v)', 'CREATE TYPE own.p (a int)', 'DROP TYPE own.p', 'ALTER TYPE own.p ADD b int', 'CREATE MATERIALIZED VIEW own.w AS SELECT * FROM own.t WHERE v IS NOT NULL AND k IS NOT NULL AND c IS NOT NULL PRIMARY KEY (v, k, c)', "CREATE TRIGGER tr ON own.t USING 'x'", 'DROP TRIGGER tr ON own.t', 'CREATE ROLE x', 'DROP ROLE bert', "ALTER ROLE bert WITH PASSWORD = 'x'", 'GRANT readers TO anna', 'REVOKE readers FROM anna', 'GRANT SELECT ON own.t TO anna', 'REVOKE SELECT ON own.t FROM anna', 'LIST ALL PERMISSIONS', 'LIST ALL PERMISSIONS OF anna', 'LIST ALL PERMISSIONS OF bert', 'LIST SELECT ON own.t',
    'SELECT key FROM system.local', 'SELECT peer FROM system.peers', 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = \'own\'', 'SELECT session_id FROM system_traces.sessions LIMIT 1', 'SELECT role FROM system_auth.roles', "ADD IDENTITY 'i' TO ROLE anna", "DROP IDENTITY 'i'", 'SELECT * FROM own.nothing', 'SELECT * FROM nowhere.nothing', 'DROP TABLE system.local', 'DROP TABLE system_auth.roles', 'INSERT INTO system.local (key) VALUES (\'x\')'),
  // Of tables, of all tables, of a keyspace, of all.
  ...root('GRANT SELECT ON own.t TO readers', 'GRANT SELECT ON own.t TO readers', 'GRANT MODIFY ON TABLE own.t TO writers', 'GRANT readers TO anna', 'GRANT readers TO anna', 'GRANT anna TO anna', 'GRANT anna TO readers', 'GRANT nobody TO anna', 'GRANT readers TO nobody', 'GRANT SELECT ON own.t TO nobody', 'GRANT SELECT ON own.nothing TO anna', 'GRANT SELECT ON KEYSPACE nowhere TO anna', 'GRANT SELECT ON ALL TABLES IN KEYSPACE nowhere TO anna', 'GRANT EXECUTE ON own.t TO anna', 'GRANT EXECUTE, SELECT ON own.t TO staff', 'GRANT CREATE ON TABLE own.t TO anna', 'GRANT SELECT ON ALL ROLES TO anna', 'GRANT DESCRIBE ON ALL KEYSPACES TO anna', 'GRANT CREATE ON ROLE anna TO bert', 'GRANT SELECT ON t TO anna',
    'LIST ALL PERMISSIONS OF anna', 'LIST ALL PERMISSIONS OF anna NORECURSIVE', 'LIST SELECT OF anna', 'LIST MODIFY OF anna', 'LIST SELECT ON own.t OF anna', 'LIST ALL ON own.t', 'LIST ALL ON KEYSPACE own', 'LIST ALL ON KEYSPACE own NORECURSIVE', 'LIST ALL ON own.t NORECURSIVE', 'LIST ALL ON own.nothing', 'LIST ALL ON KEYSPACE nowhere', 'LIST ALL PERMISSIONS OF nobody', 'LIST ALL ON ROLE nobody', 'LIST ALL ON ALL ROLES', 'LIST ALL ON ROLE anna', 'LIST ROLES OF anna', 'LIST ROLES OF anna NORECURSIVE', 'LIST ALL PERMISSIONS OF cassandra', 'LIST CREATE, SELECT OF cassandra', 'LIST EXECUTE ON ALL FUNCTIONS IN KEYSPACE own', 'LIST ALL ON ALL FUNCTIONS'),
  ...as('anna', 'SELECT v FROM own.t WHERE k = 1', 'INSERT INTO own.t (k, c) VALUES (1, 2)', 'SELECT k FROM own.u', 'LIST ALL PERMISSIONS OF anna', 'LIST ALL PERMISSIONS OF readers', 'LIST ROLES OF readers', 'GRANT SELECT ON own.t TO bert'),
  ...root('GRANT writers TO staff', 'GRANT readers TO staff', 'GRANT staff TO bert', 'LIST ROLES OF bert', 'LIST ROLES OF bert NORECURSIVE', 'LIST ALL PERMISSIONS OF bert', 'SELECT role, member FROM system_auth.role_members', 'SELECT role, resource, permissions FROM system_auth.role_permissions', 'SELECT resource, role FROM system_auth.resource_role_permissons_index'),
  ...as('bert', 'SELECT v FROM own.t WHERE k = 1', 'INSERT INTO own.t (k, c, v) VALUES (1, 2, 3)', 'UPDATE own.t SET v = 4 WHERE k = 1 AND c = 2 IF v = 3', 'INSERT INTO own.t (k, c, v) VALUES (1, 2, 3) IF NOT EXISTS', 'TRUNCATE own.t', 'DROP TABLE own.t', 'UPDATE own.u SET n = n + 1 WHERE k = 1', 'BEGIN BATCH INSERT INTO own.t (k, c) VALUES (2, 2); DELETE FROM own.t WHERE k = 1; APPLY BATCH', 'LIST ROLES', 'LIST USERS'),
  ...root('REVOKE readers FROM bert', 'REVOKE readers FROM staff', 'REVOKE readers FROM staff'),
  ...as('bert', 'SELECT v FROM own.t WHERE k = 1', 'INSERT INTO own.t (k, c, v) VALUES (1, 2, 3)', 'INSERT INTO own.t (k, c, v) VALUES (1, 2, 3) IF NOT EXISTS', 'UPDATE own.t SET v = 4 WHERE k = 1 AND c = 2 IF v = 3', 'DELETE FROM own.t WHERE k = 1 AND c = 2 IF EXISTS'),
  ...root('GRANT SELECT ON KEYSPACE own TO bert', 'GRANT MODIFY ON ALL TABLES IN KEYSPACE own TO anna', 'LIST ALL ON own.u OF bert', 'LIST ALL ON own.u OF anna', 'REVOKE MODIFY ON own.u FROM anna'),
  ...as('bert', 'SELECT k, n FROM own.u', 'SELECT v FROM own.t WHERE k = 1'), ...as('anna', 'UPDATE own.u SET n = n + 1 WHERE k = 1', 'INSERT INTO own.t (k, c) VALUES (3, 3)', 'TRUNCATE own.u'),
  ...root('REVOKE SELECT ON KEYSPACE own FROM bert', 'REVOKE SELECT ON KEYSPACE own FROM bert', 'REVOKE ALL ON ALL TABLES IN KEYSPACE own FROM anna', 'REVOKE SELECT ON own.nothing FROM anna', 'REVOKE SELECT ON own.t FROM nobody'),
  ...as('bert', 'SELECT k, n FROM own.u'),
  ...root('GRANT ALL PERMISSIONS ON ALL KEYSPACES TO bert', 'LIST ALL PERMISSIONS OF bert'),
  ...as('bert', 'SELECT k FROM own.u', "CREATE KEYSPACE berts WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}", 'CREATE TABLE berts.t (k int PRIMARY KEY)', 'DROP TABLE berts.t', 'SELECT role FROM system_auth.roles', 'GRANT SELECT ON KEYSPACE berts TO anna', 'LIST ALL PERMISSIONS OF bert', 'LIST ALL ON KEYSPACE berts', 'CREATE ROLE x', "ALTER KEYSPACE system WITH durable_writes = false", 'DROP TABLE system_auth.roles', 'ALTER TABLE system_schema.tables ADD x int', 'DROP KEYSPACE system_traces', 'GRANT SELECT ON KEYSPACE system TO anna'),
  ...root('LIST ALL PERMISSIONS OF anna', 'DROP KEYSPACE berts', 'LIST ALL PERMISSIONS OF bert', 'LIST ALL PERMISSIONS OF anna', 'REVOKE ALL ON ALL KEYSPACES FROM bert', 'GRANT SELECT ON KEYSPACE system TO anna', 'GRANT MODIFY ON KEYSPACE system TO anna', 'GRANT ALL ON system_auth.roles TO anna', 'GRANT SELECT ON system_auth.roles TO anna', 'LIST ALL PERMISSIONS OF anna'),
  ...as('anna', 'SELECT role FROM system_auth.roles WHERE role = \'anna\'', 'SELECT role, resource FROM system_auth.role_permissions'),
  // Who makes something may do anything with it.
  ...root('GRANT CREATE ON KEYSPACE own TO anna'),
  ...as('anna', 'CREATE TABLE own.annas (k int PRIMARY KEY, v int)', 'INSERT INTO own.annas (k, v) VALUES (1, 1)', 'SELECT * FROM own.annas', 'ALTER TABLE own.annas ADD w int', 'CREATE INDEX by_v ON own.annas (v)', 'DROP INDEX own.by_v', 'CREATE TYPE own.p (a int)', 'ALTER TYPE own.p ADD b int', 'DROP TYPE own.p', 'CREATE MATERIALIZED VIEW own.by_w AS SELECT * FROM own.annas WHERE k IS NOT NULL AND w IS NOT NULL PRIMARY KEY (w, k)', 'SELECT * FROM own.by_w', 'INSERT INTO own.annas (k, v, w) VALUES (2, 2, 2)', 'GRANT MODIFY ON own.by_w TO bert', 'GRANT SELECT ON own.annas TO bert', 'GRANT MODIFY ON own.annas TO bert', 'LIST ALL PERMISSIONS OF anna', 'REVOKE SELECT ON own.t FROM readers'),
  ...as('bert', 'SELECT k FROM own.annas', 'SELECT k FROM own.by_w', 'INSERT INTO own.annas (k) VALUES (7)', 'ALTER MATERIALIZED VIEW own.by_w WITH comment = \'x\'', 'DROP MATERIALIZED VIEW own.by_w'),
  ...as('anna', 'DROP MATERIALIZED VIEW own.by_w', 'DROP TABLE own.annas', 'LIST ALL PERMISSIONS OF anna'),
  // Of roles on roles.
  ...root('GRANT CREATE ON ALL ROLES TO anna', 'GRANT DESCRIBE ON ALL ROLES TO bert', 'GRANT ALTER ON ROLE bert TO anna', 'LIST ALL ON ALL ROLES', 'LIST ALL ON ROLE bert'),
  ...as('bert', 'LIST ROLES', 'LIST ALL PERMISSIONS OF anna', 'LIST ROLES OF anna'),
  ...as('anna', 'CREATE ROLE helper', "CREATE ROLE chief WITH SUPERUSER = true", 'CREATE ROLE minor WITH SUPERUSER = false', 'LIST ROLES OF helper', 'LIST ALL PERMISSIONS OF helper', 'GRANT helper TO bert', 'REVOKE helper FROM bert', "ALTER ROLE helper WITH PASSWORD = 'x' AND LOGIN = true", 'ALTER ROLE helper WITH SUPERUSER = true', "ALTER ROLE bert WITH PASSWORD = 'bert2'", "ALTER ROLE anna WITH PASSWORD = 'anna2'", 'ALTER ROLE anna WITH LOGIN = false', 'ALTER ROLE anna WITH SUPERUSER = true', 'ALTER ROLE staff WITH LOGIN = true', "ALTER ROLE nobody WITH LOGIN = true", 'DROP ROLE helper', 'DROP ROLE boss', 'DROP ROLE anna', "ALTER ROLE anna WITH ACCESS TO DATACENTERS {'datacenter1'}", "ALTER ROLE anna WITH ACCESS FROM ALL CIDRS"),
  ...as('bert', 'LOGIN', 'LOGIN bert2'), ...as('anna', 'LOGIN anna2'),
  ...root('ALTER ROLE nobody WITH LOGIN = true', 'ALTER ROLE IF EXISTS nobody WITH LOGIN = true', 'ALTER ROLE anna', "ALTER USER anna WITH PASSWORD 'anna'", 'ALTER USER anna', 'ALTER ROLE cassandra WITH SUPERUSER = false', 'ALTER ROLE boss WITH SUPERUSER = false', 'ALTER ROLE boss WITH SUPERUSER = true', "ALTER ROLE anna WITH ACCESS TO ALL DATACENTERS", 'DROP ROLE cassandra', 'DROP ROLE nobody', 'DROP ROLE IF EXISTS nobody', 'DROP USER minor'),
  ...as('anna', 'LOGIN'),
  // Masked columns.
  ...root("CREATE TABLE own.m (k text MASKED WITH mask_inner(1, 1), c int MASKED WITH DEFAULT, name text MASKED WITH mask_outer(1, null, '#'), pin int MASKED WITH mask_replace(-1), gone text MASKED WITH mask_null(), raw blob MASKED WITH mask_hash('SHA-256'), l list<int> MASKED WITH DEFAULT, s int STATIC MASKED WITH DEFAULT, open int, PRIMARY KEY (k, c))",
    "INSERT INTO own.m (k, c, name, pin, gone, raw, l, s, open) VALUES ('abcd', 1, 'Anna', 1234, 'x', 0x0102, [1, 2], 9, 1)", "INSERT INTO own.m (k, c) VALUES ('abcd', 2)", 'SELECT * FROM own.m', 'GRANT SELECT ON own.m TO staff', 'CREATE MATERIALIZED VIEW own.mv AS SELECT k, c, pin, name, open FROM own.m WHERE k IS NOT NULL AND c IS NOT NULL AND pin IS NOT NULL PRIMARY KEY (pin, k, c)'),
  ...as('bert', 'SELECT * FROM own.m', 'SELECT k, pin FROM own.m', "SELECT * FROM own.m WHERE k = 'abcd'", "SELECT open FROM own.m WHERE k = 'abcd' AND c = 1", 'SELECT open FROM own.m WHERE open = 1 ALLOW FILTERING', 'SELECT open FROM own.m WHERE pin = 1 ALLOW FILTERING', 'SELECT max(pin), count(*) FROM own.m', 'SELECT pin + 1, cast(pin AS text), token(k), to_json(l) FROM own.m', 'SELECT JSON pin, name FROM own.m', 'SELECT DISTINCT k, s FROM own.m', 'SELECT * FROM own.mv', 'SELECT open FROM own.m WHERE token(k) > 0', "SELECT open FROM own.m WHERE k IN ('abcd') AND (c) > (0)", "INSERT INTO own.m (k, c, pin) VALUES ('abcd', 1, 3) IF NOT EXISTS"),
  ...root('GRANT SELECT_MASKED ON own.m TO bert'),
  ...as('bert', "SELECT k, name, pin FROM own.m WHERE k = 'abcd'", 'SELECT k FROM own.m WHERE pin = 1234 ALLOW FILTERING'),
  ...root('GRANT UNMASK ON own.m TO bert'),
  ...as('bert', 'SELECT * FROM own.m', "SELECT name FROM own.m WHERE k = 'abcd'", 'SELECT * FROM own.mv'),
  ...root('DROP MATERIALIZED VIEW own.mv', 'DROP TABLE own.m'),
  // A superuser by membership.
  ...root('GRANT boss TO staff', 'LIST ROLES', 'LIST USERS'),
  ...as('bert', 'SELECT k FROM own.u', 'CREATE ROLE under WITH SUPERUSER = true', 'DROP ROLE under', 'ALTER ROLE boss WITH SUPERUSER = false', 'ALTER ROLE bert WITH SUPERUSER = true', 'LIST ALL ON own.t'),
  ...root('REVOKE boss FROM staff', 'DROP ROLE readers', 'LIST ROLES OF anna', 'LIST ALL PERMISSIONS OF anna', 'SELECT role, member_of FROM system_auth.roles', 'SELECT role, member FROM system_auth.role_members'),
  ...root("ADD IDENTITY 'spiffe://a' TO ROLE anna", "ADD IDENTITY 'spiffe://a' TO ROLE anna", "ADD IDENTITY IF NOT EXISTS 'spiffe://a' TO ROLE anna", "ADD IDENTITY 'spiffe://b' TO ROLE nobody", 'SELECT * FROM system_auth.identity_to_role', "DROP IDENTITY 'spiffe://b'", "DROP IDENTITY IF EXISTS 'spiffe://b'", "DROP IDENTITY 'spiffe://a'", 'SELECT * FROM system_auth.identity_to_role', "GRANT SELECT ON MBEAN 'a:b=c' TO anna", 'GRANT SELECT ON ALL MBEANS TO anna', 'GRANT EXECUTE ON ALL FUNCTIONS TO anna', 'GRANT EXECUTE ON FUNCTION f(int) TO anna', 'GRANT EXECUTE ON ALL FUNCTIONS IN KEYSPACE own TO anna', 'GRANT EXECUTE ON ALL FUNCTIONS IN KEYSPACE nowhere TO anna', 'LIST ALL PERMISSIONS OF anna', 'DROP KEYSPACE own', 'LIST ALL PERMISSIONS'),
  ...root('DROP ROLE anna', 'DROP ROLE bert', 'DROP ROLE carl', "DROP ROLE 'Dora D'", 'DROP ROLE writers', 'DROP ROLE staff', 'DROP ROLE boss', 'DROP ROLE hashed', 'LIST ROLES', 'LIST ALL PERMISSIONS'),
]

/** Runs all steps, each user by a client of their own. */
export async function runSteps(contactPoints: readonly string[]): Promise<Outcome[]> {
  const clients = new Map<string, Client>()
  const connect = async (username: string, password: string): Promise<Client> => Client.connect({ contactPoints, auth: { username, password }, timeoutMs: 30_000, attemptTimeoutMs: 20_000, consistency: 'one', schema: 'off' })
  const outcomes: Outcome[] = []
  try {
    clients.set(ROOT.username, await connect(ROOT.username, ROOT.password))
    for (const [user, statement] of steps) {
      const [, word, password] = /^(LOGIN) ?(.*)$/.exec(statement) ?? []
      if (word === undefined) {
        outcomes.push(await outcomeOf(clients.get(user)!, statement))
        continue
      }
      try {
        const client = await connect(user, password === '' ? user : password!)
        await clients.get(user)?.close()
        clients.set(user, client)
        outcomes.push({ rows: [], columns: [], warnings: 0 })
      } catch (error) {
        if (!(error instanceof CqlError)) throw error
        outcomes.push({ error: error.name, message: /(Provided username .*? incorrect|[^:]* is not permitted to log in)/.exec(error.message)?.[1] ?? error.message })
      }
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.close()))
  }
  return outcomes
}

/** The steps at which two runs differ, words included. */
export function differentSteps(expected: readonly Outcome[], actual: readonly Outcome[]): string[] {
  const text = ({ rows, columns, warnings, error, message }: Outcome): string => (error === undefined ? `[${columns!.join(', ')}] ${rows!.join(' ')}${warnings! > 0 ? ` (${warnings} warnings)` : ''}` : `${error}: ${message}`)
  return steps.flatMap(([user, statement], i) => (text(expected[i]!) === text(actual[i]!) ? [] : [`${user}: ${statement}\n  Cassandra: ${text(expected[i]!)}\n  here:      ${text(actual[i]!)}`]))
}
