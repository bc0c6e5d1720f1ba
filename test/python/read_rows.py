"""Reads rows with the Python driver and prints each value in a form that test/integration/values.test.ts makes of its own values, too."""
import datetime
import ipaddress
import json
import math
import struct
import sys

from cassandra.cluster import Cluster
from cassandra.policies import WhiteListRoundRobinPolicy

EPOCH = datetime.datetime(1970, 1, 1)


def canonical(kind, value):
    if value is None:
        return None
    name = kind.typename
    if name == 'frozen':
        return canonical(kind.subtypes[0], value)
    if name in ('int', 'bigint', 'smallint', 'tinyint', 'varint', 'counter'):
        return str(int(value))
    if name in ('float', 'double'):
        if math.isnan(value):
            return 'nan'
        return struct.pack('>f' if name == 'float' else '>d', value).hex()
    if name == 'decimal':
        sign, digits, exponent = value.as_tuple()
        unscaled = int(''.join(map(str, digits))) * (-1 if sign else 1)
        return '%d/%d' % (unscaled, -exponent)
    if name in ('text', 'varchar', 'ascii'):
        return value.encode('utf-8').hex()
    if name == 'blob':
        return value.hex()
    if name == 'boolean':
        return value
    if name in ('uuid', 'timeuuid'):
        return str(value)
    if name == 'inet':
        return ipaddress.ip_address(value).packed.hex()
    if name == 'date':
        return str(value.days_from_epoch)
    if name == 'time':
        return str(value.nanosecond_time)
    if name == 'timestamp':
        delta = value - EPOCH
        return str(delta.days * 86400000 + delta.seconds * 1000 + (delta.microseconds + 500) // 1000)  # the driver computes in floats
    if name == 'duration':
        return '%d/%d/%d' % (value.months, value.days, value.nanoseconds)
    if name == 'list':
        return [canonical(kind.subtypes[0], item) for item in value]
    if name == 'set':
        return sorted(json.dumps(canonical(kind.subtypes[0], item), separators=(',', ':')) for item in value)
    if name == 'map':
        # The driver's own map gives an entry whose key has no bytes twice.
        return sorted({json.dumps([canonical(kind.subtypes[0], key), canonical(kind.subtypes[1], item)], separators=(',', ':')) for key, item in value.items()})
    if hasattr(kind, 'vector_size'):
        return [canonical(kind.subtype, item) for item in value]
    if hasattr(kind, 'subtypes'):  # tuples and user-defined types
        items = list(value) + [None] * (len(kind.subtypes) - len(value))
        return [canonical(sub, item) for sub, item in zip(kind.subtypes, items)]
    raise ValueError('no canonical form of ' + name)


def main():
    host, keyspace = sys.argv[1], sys.argv[2]
    cluster = Cluster([host], load_balancing_policy=WhiteListRoundRobinPolicy([host]), connect_timeout=20)
    session = cluster.connect(keyspace)
    session.default_timeout = 60
    for table in sys.argv[3:]:
        definitions = cluster.metadata.keyspaces[keyspace].tables[table].columns
        # Odd columns may hold instants that datetime cannot, and one such fails the whole page.
        columns = [c for c, definition in definitions.items() if c != 'id' and (int(c[1:]) % 2 == 0 or 'timestamp' not in definition.cql_type)]
        result = session.execute('SELECT id, %s FROM %s' % (', '.join(columns), table))
        kinds = result.column_types
        for row in result:
            for column, kind, value in list(zip(result.column_names, kinds, row))[1:]:
                if value is not None:
                    print(json.dumps([row[0], column, canonical(kind, value)], separators=(',', ':')))
    cluster.shutdown()


main()
