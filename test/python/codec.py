"""Reads messages as JSON Lines on standard input, each through the Python driver's own encoder and decoder, and prints what comes out, so that
test/integration/python-codec.test.ts can compare it with what cqlwire makes of the same."""
import io
import json
import struct
import sys

from cassandra import ConsistencyLevel, protocol
from cassandra.cqltypes import lookup_casstype
from cassandra.protocol import (BatchMessage, ExecuteMessage, PrepareMessage, ProtocolHandler, QueryMessage, RegisterMessage, StartupMessage,
                                OptionsMessage, AuthResponseMessage, _ProtocolHandler)
from cassandra.query import BatchType

LEVELS = {'any': 0, 'one': 1, 'two': 2, 'three': 3, 'quorum': 4, 'all': 5, 'localQuorum': 6, 'eachQuorum': 7, 'serial': 8, 'localSerial': 9, 'localOne': 10}


def raw(value):
    """A bind value: bytes, null or unset."""
    if value is None:
        return None
    if '$unset' in value:
        return protocol._UNSET_VALUE
    return bytes.fromhex(value['$bytes'])


def parameters(message, kind, **more):
    p = message['parameters']
    return kind(consistency_level=LEVELS[p['consistency']],
                serial_consistency_level=LEVELS[p['serialConsistency']] if 'serialConsistency' in p else None, fetch_size=p.get('pageSize'),
                paging_state=bytes.fromhex(p['pagingState']['$bytes']) if 'pagingState' in p else None,
                timestamp=int(p['timestamp']['$bigint']) if 'timestamp' in p else None, **more)


def request(message):
    kind = message['type']
    if kind == 'STARTUP':
        options = dict(message['options']['$map'])
        return StartupMessage(cqlversion=options.pop('CQL_VERSION'), options=options)
    if kind == 'OPTIONS':
        return OptionsMessage()
    if kind == 'REGISTER':
        return RegisterMessage(event_list=message['events'])
    if kind == 'AUTH_RESPONSE':
        return AuthResponseMessage(response=bytes.fromhex(message['token']['$bytes']))
    if kind == 'PREPARE':
        return PrepareMessage(query=message['query'], keyspace=message.get('keyspace'))
    if kind == 'QUERY':
        return parameters(message, QueryMessage, query=message['query'], keyspace=message['parameters'].get('keyspace'))
    if kind == 'EXECUTE':
        identifier = message.get('resultMetadataId')
        values = message['parameters'].get('values')
        return parameters(message, ExecuteMessage, query_params=None if values is None else [raw(value) for value in values], query_id=bytes.fromhex(message['id']['$bytes']), skip_meta=message['parameters'].get('skipMetadata', False),
                          result_metadata_id=bytes.fromhex(identifier['$bytes']) if identifier else None)
    p = message['parameters']
    queries = [('query' not in s, s['query'] if 'query' in s else bytes.fromhex(s['id']['$bytes']), [raw(value) for value in s['values']]) for s in message['statements']]
    return BatchMessage(batch_type={'logged': BatchType.LOGGED, 'unlogged': BatchType.UNLOGGED, 'counter': BatchType.COUNTER}[message['batchType']], queries=queries,
                        consistency_level=LEVELS[p['consistency']], serial_consistency_level=LEVELS[p['serialConsistency']] if 'serialConsistency' in p else None,
                        timestamp=int(p['timestamp']['$bigint']) if 'timestamp' in p else None, keyspace=p.get('keyspace'))


def encode(message, version):
    body = io.BytesIO()
    request(message).send_body(body, version)
    return body.getvalue().hex()


def error_fields(error):
    info = dict(getattr(error, 'info', None) or {}) if isinstance(getattr(error, 'info', None), dict) else {}
    for name, value in list(info.items()):
        if name == 'error_code_map' and value is not None:
            info[name] = sorted((str(address), code) for address, code in value.items())
    return {'code': error.code, 'message': error.message, 'info': info}


def decode(opcode, body, version):
    if opcode == 0x08:
        return result(body, version)
    kind = protocol._message_types_by_opcode[opcode]
    message = kind.recv_body(io.BytesIO(body), version, {}, None, None)
    if opcode == 0x00:
        return error_fields(message)
    if opcode == 0x06:
        return {'options': message.options if hasattr(message, 'options') else None, 'versions': sorted(message.cql_versions)}
    if opcode == 0x03:
        return {'authenticator': message.authenticator}
    if opcode == 0x0c:
        return {'event': message.event_type, 'args': {key: list(value) if isinstance(value, tuple) else value for key, value in message.event_args.items()}}
    return {'type': type(message).__name__}


def result(body, version):
    """Metadata as the driver reads it, and cells as bytes."""
    stream = io.BytesIO(body)
    kind = protocol.read_int(stream)
    message = protocol.ResultMessage(kind)
    if kind == protocol.RESULT_KIND_ROWS:
        message.recv_results_metadata(stream, {})
        columns = message.column_metadata
        if columns is None:
            return {'kind': 'ROWS', 'columns': None, 'paging': message.paging_state.hex() if message.paging_state is not None else None}
        rows = [[protocol.read_value(stream) for _ in columns] for _ in range(protocol.read_int(stream))]
        return {'kind': 'ROWS', 'columns': [[c[0], c[1], c[2], c[3].cql_parameterized_type()] for c in columns], 'paging': message.paging_state.hex() if message.paging_state is not None else None,
                'rows': [[None if cell is None else cell.hex() for cell in row] for row in rows], 'left': len(stream.read())}
    message = protocol.ResultMessage.recv_body(io.BytesIO(body), version, {}, None, None)
    if kind == protocol.RESULT_KIND_PREPARED:
        return {'kind': 'PREPARED', 'id': message.query_id.hex(), 'keys': list(message.pk_indexes or []), 'variables': [[c[0], c[1], c[2], c[3].cql_parameterized_type()] for c in message.bind_metadata]}
    if kind == protocol.RESULT_KIND_SET_KEYSPACE:
        return {'kind': 'SET_KEYSPACE', 'keyspace': message.new_keyspace}
    if kind == protocol.RESULT_KIND_SCHEMA_CHANGE:
        return {'kind': 'SCHEMA_CHANGE', 'change': {key: list(value) if isinstance(value, tuple) else value for key, value in message.schema_change_event.items()}}
    return {'kind': 'VOID'}


def value(class_name, body):
    """Bytes read and written again by the type of that name: the driver's idea of the same value."""
    kind = lookup_casstype(class_name)
    read = kind.from_binary(body, 5)
    return kind.to_binary(read, 5).hex()


for line in sys.stdin:
    job = json.loads(line)
    try:
        if job['do'] == 'encode':
            out = encode(job['message'], job['version'])
        elif job['do'] == 'decode':
            out = decode(job['opcode'], bytes.fromhex(job['body']), job['version'])
        else:
            out = value(job['class'], bytes.fromhex(job['body']))
        print(json.dumps({'out': out}))
    except Exception as error:
        print(json.dumps({'error': '%s: %s' % (type(error).__name__, error)}))
    sys.stdout.flush()
