"""Writes framing.json: how version 5 cuts a connection's bytes, right and wrong. It shares no code with what it tests: python3 make-framing.py > framing.json"""
import json
import struct
import sys
import zlib

MAX_PAYLOAD = 131071


def crc24(data):
    crc = 0x875060
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1974F0B
    return crc.to_bytes(3, 'little')


def crc32(data):
    return zlib.crc32(data, zlib.crc32(b'\xfa\x2d\x55\xca')).to_bytes(4, 'little')


def segment(payload, contained=True, compressed=None, raw_length=None):
    """raw_length: what a compressed segment says; the payload is then a block already."""
    flag = 1 if contained else 0
    if compressed:
        header = (len(payload) | (raw_length or 0) << 17 | flag << 34).to_bytes(5, 'little')
    else:
        header = (len(payload) | flag << 17).to_bytes(3, 'little')
    return header + crc24(header) + payload + crc32(payload)


def envelope(stream, opcode, body=b'', version=0x85, flags=0, length=None):
    return struct.pack('>BBhBi', version, flags, stream, opcode, len(body) if length is None else length) + body


def literal_block(data):
    """An LZ4 block that holds its data as it is."""
    rest, out = len(data), b''
    if rest < 15:
        return bytes([rest << 4]) + data
    rest -= 15
    while rest >= 255:
        out, rest = out + b'\xff', rest - 255
    return b'\xf0' + out + bytes([rest]) + data


def ending_in_zeros(data, zeros):
    """Data that ends in so many zeros, of which all but six are one match: LZ4 at its best."""
    head = data[:len(data) - zeros + 1]
    block = literal_block(head)
    match, out = zeros - 6 - 4, b''
    rest = match - 15
    while rest >= 255:
        out, rest = out + b'\xff', rest - 255
    return bytes([block[0] | 15]) + block[1:] + b'\x01\x00' + out + bytes([rest]) + b'\x50' + bytes(5)


VOID = struct.pack('>i', 1)
a, b = envelope(1, 0x08, VOID), envelope(2, 0x08, VOID)
ready = envelope(0, 0x02)
supported = envelope(3, 0x06, b'\x00\x00')
big = envelope(4, 0x08, struct.pack('>i', 3) + struct.pack('>H', 60) + b'k' * 60)
huge = envelope(5, 0x08, b'\x00\x00\x00\x02' + bytes(200000))
text = b''.join(bytes([97 + i * 7 % 13]) for i in range(400))
keyspace = envelope(6, 0x08, struct.pack('>iH', 3, len(text)) + text)
zeros = envelope(7, 0x0E, b'\x00\x00\x0f\xa0' + bytes(4000))


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def written(data):
    """Hexadecimal, in which 00*200 stands for a byte that comes 200 times."""
    parts, at = [], 0
    while at < len(data):
        end = at
        while end < len(data) and data[end] == data[at]:
            end += 1
        if end - at >= 24:
            parts.append(' %02x*%d ' % (data[at], end - at))
        else:
            parts.append(data[at:end].hex())
        at = end
    return ''.join(parts).strip()


cases = []


def case(name, data, envelopes=(), error=None, compression='none', segmented=True, limit=None):
    entry = {'name': name, 'compression': compression, 'segmented': segmented}
    if limit:
        entry['maxFrameLength'] = limit
    entry.update(bytes=written(data), envelopes=[written(each) for each in envelopes])
    if error:
        entry['error'] = error
    cases.append(entry)


case('one envelope in a segment', segment(a), [a])
case('two envelopes in a segment', segment(a + b), [a, b])
case('two segments', segment(a) + segment(b), [a, b])
case('an empty self-contained segment', segment(b'') + segment(a), [a])
case('an envelope with an empty body', segment(envelope(9, 0x02)), [envelope(9, 0x02)])
case('a large envelope in slices', b''.join(segment(huge[i:i + MAX_PAYLOAD], False) for i in range(0, len(huge), MAX_PAYLOAD)), [huge])
case('a small envelope in slices', segment(big[:40], False) + segment(big[40:], False), [big])
case('a header cut between slices', segment(big[:4], False) + segment(big[4:8], False) + segment(big[8:], False), [big])
case('a slice of one byte each', b''.join(segment(a[i:i + 1], False) for i in range(len(a))), [a])
case('slices, then whole envelopes', segment(big[:40], False) + segment(big[40:], False) + segment(a + b), [big, a, b])
case('bytes of an unfinished segment', segment(a) + segment(b)[:10], [a])
case('a wrong CRC24', flip(segment(a), 4), error='CRC24')
case('a damaged header', flip(segment(a), 0), error='CRC24')
case('a wrong CRC32', flip(segment(a), len(segment(a)) - 1), error='CRC32')
case('a damaged payload', flip(segment(a), 12), error='CRC32')
case('a whole envelope, then damage', segment(a) + flip(segment(b), 12), [a], 'CRC32')
case('a self-contained segment that ends within an envelope', segment(a + b[:5]), [a], 'ends within a message')
case('a slice flagged self-contained', segment(big[:40], True), error='ends within a message')
case('an empty slice', segment(big[:40], False) + segment(b'', False), error='empty slice')
case('slices that hold more than their envelope', segment(big[:40], False) + segment(big[40:] + b'\x00', False), error='more bytes than it has')
case('a self-contained segment amid slices', segment(big[:40], False) + segment(a), error='amid the slices')
case('a negative length', segment(envelope(1, 0x08, VOID, length=-1)), error='negative length')
case('a length of 2 GiB', segment(envelope(1, 0x08, VOID, length=0x7fffffff), False), error='maxFrameLength')
case('a length over the limit', segment(keyspace), error='maxFrameLength', limit=300)
case('a version that is not spoken', segment(envelope(1, 0x08, VOID, version=0x86)), error='version')
case('a request from the server', segment(envelope(1, 0x08, VOID, version=0x05)), error='not that of a CQL response')
case('a flag of compression, which means nothing here', segment(envelope(1, 0x08, VOID, flags=1)), [envelope(1, 0x08, VOID, flags=1)])
case('a compressed segment', segment(literal_block(keyspace), compressed=True, raw_length=len(keyspace)), [keyspace], compression='lz4')
case('a segment that is not compressed although that was agreed', segment(a, compressed=True), [a], compression='lz4')
case('a compressed slice', segment(literal_block(big[:40]), False, True, 40) + segment(big[40:], False, True), [big], compression='lz4')
case('what compresses best', segment(ending_in_zeros(zeros, 4000), compressed=True, raw_length=len(zeros)), [zeros], compression='lz4')
case('slices of which some are compressed', segment(literal_block(zeros[:20]), False, True, 20) + segment(zeros[20:], False, True), [zeros], compression='lz4')
case('a block of another length than it says', segment(literal_block(keyspace), compressed=True, raw_length=len(keyspace) + 1), error='LZ4', compression='lz4')
case('a block that is cut', segment(literal_block(keyspace)[:-1], compressed=True, raw_length=len(keyspace)), error='LZ4', compression='lz4')
case('a block that declares more than it can hold', segment(b'\x00' * 10, compressed=True, raw_length=100000), error='cannot become', compression='lz4')
case('a match before the beginning', segment(b'\x10\x00\x05\x00' + b'\x00' * 6, compressed=True, raw_length=60), error='before the beginning', compression='lz4')
case('envelopes without segments', ready + supported + a, [ready, supported, a], segmented=False)
case('a negative length without segments', envelope(1, 0x08, VOID, length=-2), error='negative length', segmented=False)
case('bytes that are no CQL', b'HTTP/1.1 400 Bad Request\r\n', error='not that of a CQL response', segmented=False)
case('a compressed body although no compression was agreed', envelope(1, 0x08, VOID, version=0x84, flags=1), error='no compression was agreed', segmented=False)
case('an LZ4 body of version 4', envelope(1, 0x08, struct.pack('>i', 4) + literal_block(VOID), version=0x84, flags=1), [envelope(1, 0x08, VOID, version=0x84, flags=1)], compression='lz4', segmented=False)
case('a zip bomb of version 4', envelope(1, 0x08, struct.pack('>i', 0x7fffffff) + b'\x1f\x00\x01\x00' + b'\xff' * 1000, version=0x84, flags=1), error='maxFrameLength', compression='lz4', segmented=False)
case('a negative raw length of version 4', envelope(1, 0x08, struct.pack('>i', -5) + literal_block(VOID), version=0x84, flags=1), error='cannot become', compression='lz4', segmented=False)
case('a snappy body of version 4', envelope(1, 0x08, b'\x04\x0c' + VOID, version=0x84, flags=1), [envelope(1, 0x08, VOID, version=0x84, flags=1)], compression='snappy', segmented=False)
case('a snappy body that declares 4 GiB', envelope(1, 0x08, b'\xff\xff\xff\xff\x0f\x0c' + VOID, version=0x84, flags=1), error='more than', compression='snappy', segmented=False)

json.dump({'source': 'native_protocol_v5.spec section 2, by make-framing.py', 'framing': cases}, sys.stdout, indent=1)
print()
