"""The Python driver as a client to be fuzzed: npx cqlwire fuzz --listen 0 -- python3 test/python/fuzzed_client.py"""
import os

from cassandra.cluster import Cluster
from cassandra.policies import WhiteListRoundRobinPolicy

host, port = os.environ['CQLWIRE_FUZZ_ADDRESS'].split(':')
cluster = Cluster([host], port=int(port), connect_timeout=1, control_connection_timeout=1, load_balancing_policy=WhiteListRoundRobinPolicy([host]))
try:
    session = cluster.connect()
    for _ in range(10):
        try:
            session.execute("SELECT key FROM system.local WHERE key = 'local'", timeout=0.5)
        except Exception:
            pass
except Exception:
    pass
cluster.shutdown()
