"""Drives a server with the Python driver, so that what it sends can be written down: drive.py PORT VERSION COMPRESSION KEYSPACE"""
import sys

from cassandra import ConsistencyLevel
from cassandra.cluster import Cluster
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.query import BatchStatement, BatchType, SimpleStatement

port, version, compression, keyspace = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
cluster = Cluster(['127.0.0.1'], port=port, protocol_version=version, compression=compression if compression != 'none' else False,
                  load_balancing_policy=WhiteListRoundRobinPolicy(['127.0.0.1']), schema_metadata_enabled=False, token_metadata_enabled=False)
session = cluster.connect(keyspace)
session.execute('INSERT INTO people (org, id, name) VALUES (%s, %s, %s)', ('python', 1, 'Guido'))
insert = session.prepare('INSERT INTO people (org, id, name, tags) VALUES (?, ?, ?, ?)')
session.execute(insert, ('python', 2, 'Barbara', {'b', 'a'}))
session.execute(insert, {'org': 'python', 'id': 3, 'name': None, 'tags': None})
if version >= 4:
    session.execute(insert, {'org': 'python', 'id': 4})
    session.execute(SimpleStatement("SELECT * FROM people WHERE org = 'python'"), custom_payload={'key': b'value'})
batch = BatchStatement(batch_type=BatchType.UNLOGGED, consistency_level=ConsistencyLevel.ONE, serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL)
batch.add(insert, ('python', 5, 'x', set()))
batch.add(SimpleStatement("INSERT INTO people (org, id) VALUES ('python', 6)"))
session.execute(batch)
print(session.execute(SimpleStatement("UPDATE people SET name = 'z' WHERE org = 'python' AND id = 1 IF name = 'y'", serial_consistency_level=ConsistencyLevel.SERIAL)).was_applied)
print(len(list(session.execute(SimpleStatement("SELECT * FROM people WHERE org = 'python'", fetch_size=2)))))
session.execute('SELECT release_version FROM system.local', trace=True)
cluster.shutdown()
