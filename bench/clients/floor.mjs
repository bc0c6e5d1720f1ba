// What Node allows: a stripped client with hand-written code for exactly these columns, on protocol v4. It plans no nodes, times nothing
// out, maps no errors and checks nothing: a limit to measure against, not a client.
import { connect as connectTcp } from 'node:net'
import { BATCH, checksumOf, keysOf, rowsToInsert, VALUES } from '../workloads.mjs'

const { utf8Slice, utf8Write } = Buffer.prototype
/** Two hexadecimal digits of each byte, as character codes. */
const HEX = Array.from({ length: 256 }, (_, i) => { const text = i.toString(16).padStart(2, '0'); return (text.charCodeAt(0) << 8) | text.charCodeAt(1) })

export async function connect({ port, what, statement }) {
  const out = [Buffer.allocUnsafe(1 << 20), Buffer.allocUnsafe(1 << 20)]
  let filling = 0
  let buffer = out[0]
  let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  let at = 0
  let planned = false
  const waiting = []
  const free = []
  let next = 1
  const flush = () => {
    planned = false
    socket.write(buffer.subarray(0, at))
    filling ^= 1
    buffer = out[filling]
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
    at = 0
  }
  const begin = (opcode) => {
    const id = free.pop() ?? next++
    view.setUint32(at, (4 << 24) | id)
    buffer[at + 4] = opcode
    at += 9
    if (!planned) {
      planned = true
      process.nextTick(flush)
    }
    return id
  }
  const send = (start, id, decode) => new Promise((resolve) => {
    view.setInt32(start + 5, at - start - 9)
    waiting[id] = { resolve, decode }
  })
  const string = (text) => {
    const written = utf8Write.call(buffer, text, at + 4, text.length * 3)
    view.setInt32(at, written)
    at += 4 + written
  }
  const uuid = (text) => {
    view.setInt32(at, 16)
    view.setUint32(at + 4, Number.parseInt(text.slice(0, 8), 16))
    view.setUint32(at + 8, 0x4000)
    view.setUint16(at + 12, 0x8000)
    view.setUint16(at + 14, 0)
    view.setUint32(at + 16, Number.parseInt(text.slice(28), 16))
    at += 20
  }
  const values = ([id, name, email, age, seen, score]) => {
    view.setUint16(at, 6)
    at += 2
    uuid(id)
    string(name)
    string(email)
    view.setInt32(at, 4)
    view.setInt32(at + 4, age)
    view.setInt32(at + 8, 8)
    const ms = seen.getTime()
    view.setInt32(at + 12, Math.floor(ms / 2 ** 32))
    view.setUint32(at + 16, ms >>> 0)
    view.setInt32(at + 20, 8)
    view.setFloat64(at + 24, score)
    at += 32
  }

  let bytes
  let data
  let pos = 0
  let stop = 0
  const text = () => {
    const length = data.getInt32(pos)
    pos += 4 + length
    return utf8Slice.call(bytes, pos - length, pos)
  }
  const readUuid = () => {
    const b = bytes
    let p = pos + 4
    pos += 20
    const h = () => HEX[b[p++]]
    const c = [h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h(), h()]
    return String.fromCharCode(
      c[0] >> 8, c[0] & 255, c[1] >> 8, c[1] & 255, c[2] >> 8, c[2] & 255, c[3] >> 8, c[3] & 255, 45, c[4] >> 8, c[4] & 255, c[5] >> 8, c[5] & 255, 45, c[6] >> 8, c[6] & 255, c[7] >> 8, c[7] & 255, 45,
      c[8] >> 8, c[8] & 255, c[9] >> 8, c[9] & 255, 45, c[10] >> 8, c[10] & 255, c[11] >> 8, c[11] & 255, c[12] >> 8, c[12] & 255, c[13] >> 8, c[13] & 255, c[14] >> 8, c[14] & 255, c[15] >> 8, c[15] & 255)
  }
  const int = () => data.getInt32((pos += 8) - 4)
  const long = () => data.getInt32((pos += 12) - 8) * 2 ** 32 + data.getUint32(pos - 4)
  const double = () => data.getFloat64((pos += 12) - 8)
  const person = () => ({ id: readUuid(), name: text(), email: text(), age: int(), seen: new Date(long()), score: double() })
  const list = () => {
    pos += 4
    const items = new Array(data.getInt32((pos += 4) - 4))
    for (let i = 0; i < items.length; i++) items[i] = int()
    return items
  }
  const map = () => {
    pos += 4
    const entries = new Map()
    for (let count = data.getInt32((pos += 4) - 4); count > 0; count--) entries.set(text(), text())
    return entries
  }
  const mixed = () => ({
    id: readUuid(), name: text(), rank: int(), total: data.getBigInt64((pos += 12) - 8), ratio: double(), at: new Date(long()), active: bytes[(pos += 5) - 1] === 1, scores: list(), labels: map(),
  })
  let pageState
  const rowsOf = (row) => () => {
    const flags = data.getInt32(pos + 4)
    pos += 12
    pageState = undefined
    if (flags & 2) pageState = Buffer.from(text(), 'latin1')
    const rows = new Array(data.getInt32((pos += 4) - 4))
    for (let i = 0; i < rows.length; i++) rows[i] = row()
    return rows
  }
  const nothing = () => undefined

  let stash = Buffer.allocUnsafe(1 << 21)
  let stashed = 0
  const onBytes = (chunk) => {
    if (stashed > 0) {
      // A page in many chunks is looked at again once it is whole.
      stashed += chunk.copy(stash, stashed)
      if (stashed < 9 || stashed < 9 + stash.readInt32BE(5)) return
      chunk = stash.subarray(0, stashed)
      stashed = 0
    }
    bytes = chunk
    data = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    let start = 0
    while (chunk.length - start >= 9) {
      const end = start + 9 + data.getInt32(start + 5)
      if (end > chunk.length) break
      pos = start + 9
      stop = end
      const id = data.getInt16(start + 2)
      const { resolve, decode } = waiting[id]
      waiting[id] = undefined
      free.push(id)
      resolve(decode())
      start = end
    }
    if (start < chunk.length) stashed = chunk.copy(stash, 0, start)
  }
  const socket = connectTcp({ host: '127.0.0.1', port: Number(port), noDelay: true, onread: { buffer: Buffer.alloc(1 << 16), callback: (length, read) => (onBytes(read.subarray(0, length)), true) } })
  await new Promise((resolve) => socket.once('connect', resolve))
  const message = (opcode, write, decode) => {
    const start = at
    const id = begin(opcode)
    write()
    return send(start, id, decode)
  }
  const longString = (query) => {
    view.setInt32(at, query.length)
    at += 4 + buffer.latin1Write(query, at + 4)
  }
  await message(1, () => { at += Buffer.from('0001000b43514c5f56455253494f4e0005332e302e30', 'hex').copy(buffer, at) }, nothing)
  const index = await message(9, () => longString(statement.query), () => bytes[pos + 6])
  const keys = keysOf(statement)
  const byUuid = statement.parameters[0][1] === 'uuid'
  const row = statement.rows === 1 ? person : mixed
  const rows = rowsToInsert()
  const execute = (write, flags) => {
    const start = at
    const id = begin(10)
    buffer[at] = 0
    buffer[at + 1] = 1
    buffer[at + 2] = index
    buffer[at + 3] = 0
    buffer[at + 4] = 6
    buffer[at + 5] = flags
    at += 6
    write()
    return send(start, id, statement.rows > 0 ? rowsOf(row) : nothing)
  }
  const key = (value) => {
    view.setUint16(at, 1)
    at += 2
    if (byUuid) return uuid(value)
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    at += 8
  }
  const sum = checksumOf(statement.shape)
  const runs = {
    async read(i) {
      let total = 0
      for (const item of await execute(() => key(keys[i % VALUES]), 3)) total += sum(item)
      return total
    },
    async stream(i) {
      let total = 0
      const pages = async function* () {
        pageState = undefined
        let page = await execute(() => key(keys[i % VALUES]), 3)
        while (page) {
          const state = pageState
          const ahead = state && execute(() => {
            key(keys[i % VALUES])
            view.setInt32(at, state.length)
            at += 4 + state.copy(buffer, at + 4)
          }, 11)
          yield page
          page = await ahead
        }
      }
      for await (const page of pages()) {
        // One await per row, as `for await` over rows has.
        const iterator = { [Symbol.asyncIterator]: () => ({ at: 0, next() { return Promise.resolve(this.at < page.length ? { done: false, value: page[this.at++] } : { done: true, value: undefined }) } }) }
        for await (const item of iterator) total += sum(item)
      }
      return total
    },
    async insert(i) {
      await execute(() => values(rows[i % VALUES]), 1)
      return 0
    },
    async batch(i) {
      const start = at
      const id = begin(13)
      buffer[at] = 1
      view.setUint16(at + 1, BATCH)
      at += 3
      for (let n = 0; n < BATCH; n++) {
        buffer[at] = 1
        view.setUint16(at + 1, 1)
        buffer[at + 3] = index
        at += 4
        values(rows[((i % 16) * BATCH + n) % VALUES])
      }
      view.setUint16(at, 6)
      buffer[at + 2] = 0
      at += 3
      await send(start, id, nothing)
      return 0
    },
  }
  const written = async () => {
    const start = at
    const id = begin(7)
    longString('SELECT written FROM bench.writes')
    view.setUint16(at, 6)
    buffer[at + 2] = 0
    at += 3
    return send(start, id, () => data.getInt32(stop - 4))
  }
  return { run: runs[what], written, close: () => socket.destroy() }
}
