// Figures as a page people read: tables between two marks of docs/performance.md, and plots beside it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BEGIN = '<!-- figures: written by npm run bench -- --docs -->'
const END = '<!-- end of figures -->'
const times = (value) => `${value.toFixed(1)}x`
const micros = (value) => (value < 100 ? value.toFixed(2) : Math.round(value).toLocaleString('en'))

const MICRO_BEGIN = '<!-- steps: written by npm run bench:micro -- --docs -->'
const MICRO_END = '<!-- end of steps -->'

/** Puts the figures of single steps into docs/performance.md: a row for each step, its ways side by side. */
export function writeSteps(docs, table) {
  const page = join(docs, 'performance.md')
  const [before, rest] = readFileSync(page, 'utf8').split(MICRO_BEGIN)
  const names = [...new Set(table.map(({ name }) => name))]
  const nanos = (value) => (value < 100 ? value.toFixed(0) : Math.round(value).toLocaleString('en'))
  const lines = [
    '', `Medians in nanoseconds per call (per row, or per cell), with Node ${process.version} on ${new Date().toISOString().slice(0, 10)}; asking the clock is 35 to 45 ns of each call, and little where many rows share one.`, '',
    '| step | ways |', '|---|---|', ...names.map((name) => `| ${name} | ${table.filter((one) => one.name === name).map((one) => `${one.case}: ${nanos(one.ns)}`).join('; ')} |`), '',
  ]
  writeFileSync(page, `${before}${MICRO_BEGIN}\n${lines.join('\n')}\n${MICRO_END}${rest.split(MICRO_END)[1]}`)
}

/** Puts the figures of a run into docs/performance.md. */
export function writeReport(docs, result) {
  const page = join(docs, 'performance.md')
  const text = readFileSync(page, 'utf8')
  const [before, rest] = text.split(BEGIN)
  const after = rest.split(END)[1]
  mkdirSync(join(docs, 'images'), { recursive: true })
  writeFileSync(join(docs, 'images/cpu-per-operation.svg'), ratioPlot(result.workloads))
  if (result.inFlight) writeFileSync(join(docs, 'images/requests-in-flight.svg'), inFlightPlot(result.inFlight))
  writeFileSync(page, `${before}${BEGIN}\n${figures(result)}${END}${after}`)
}

function figures({ date, node, cpu, rounds, workloads, latency, start, compression, inFlight, growth }) {
  const lines = [
    '', `Measured on ${date.slice(0, 10)} with Node ${node} on two cores of ${article(cpu)} ${cpu}; medians of ${rounds} turns. CPU in µs per operation of the whole client process.`, '',
    '| workload | cqlwire | on v4 | cassandra-driver | floor | **times less than cassandra-driver** | floor, times less | goal |', '|---|---|---|---|---|---|---|---|',
    ...workloads.map(({ title, goal, cpu: of }) => {
      const peer = of['cassandra-driver']
      return `| ${title} | ${micros(of.cqlwire)} | ${micros(of['cqlwire, v4'])} | ${peer ? micros(peer) : ''} | ${of.floor ? micros(of.floor) : ''} | ${peer ? `**${times(peer / of.cqlwire)}**` : ''} | ${of.floor ? times(peer / of.floor) : ''} | ${goal ? `${goal}x` : ''} |`
    }), '', '![times less CPU than cassandra-driver](images/cpu-per-operation.svg)', '',
  ]
  if (latency) {
    const row = (title, of, show) => `| ${title} | ${show(of.cqlwire)} | ${show(of['cassandra-driver'])} | ${times(of['cassandra-driver'] / of.cqlwire)} |`
    lines.push('| | cqlwire | cassandra-driver | times less |', '|---|---|---|---|',
      row('latency at 32 in flight, median, ms', latency.p50Ms, (value) => value.toFixed(3)), row('latency at 32 in flight, 99th percentile, ms', latency.p99Ms, (value) => value.toFixed(3)),
      row('process with one point read, from start to end, ms', start.processMs, (value) => value.toFixed(0)), row('from the first line of user code to the first row, ms', start.firstRowMs, (value) => value.toFixed(0)),
      row('resident memory after connect, MB', start.rssAfterConnect, (value) => (value / 2 ** 20).toFixed(1)))
    const w1 = workloads.find(({ id }) => id === 'w1@512')
    if (w1) lines.push(row('resident memory in W1 at 512 in flight, MB', w1.rss, (value) => (value / 2 ** 20).toFixed(1)))
    lines.push('')
  }
  if (compression) {
    lines.push('| | v5 | v4 | v5 with LZ4 | v4 with LZ4 |', '|---|---|---|---|---|')
    for (const { title, cpu: of } of compression) lines.push(`| ${title} | ${Object.values(of).map(micros).join(' | ')} |`)
    lines.push('')
  }
  if (growth) lines.push(`Resident memory in W1 at 512 in flight after ${growth.map(({ operations, rss }) => `${operations / 1e6} million point reads: ${(rss / 2 ** 20).toFixed(1)} MB`).join(', after ')}.`, '')
  if (inFlight) {
    lines.push('![CPU per point read by requests in flight](images/requests-in-flight.svg)', '', `CPU of a point read by requests in flight: ${inFlight.map(({ inFlight: n, cpuUsPerOp }) => `${n.toLocaleString('en')}: ${cpuUsPerOp.toFixed(2)} µs`).join(', ')}.`, '')
  }
  return `${lines.join('\n')}\n`
}

const article = (word) => (/^[AEIOU]/.test(word) ? 'an' : 'a')
const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
const STYLE = '<style>text{font:13px system-ui,sans-serif;fill:#24292f}.dim{fill:#57606a}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#8d96a0}}</style>'

/** Bars: how many times less CPU than cassandra-driver, ours and the floor's, and the goal. */
function ratioPlot(workloads) {
  const rows = workloads.filter(({ cpu }) => cpu['cassandra-driver'])
  const most = Math.max(...rows.flatMap(({ cpu, goal }) => [goal ?? 0, cpu['cassandra-driver'] / cpu.cqlwire, cpu.floor ? cpu['cassandra-driver'] / cpu.floor : 0]))
  const width = 760
  const left = 330
  const x = (value) => left + (value / most) * (width - left - 60)
  const bars = rows.map(({ title, cpu, goal }, i) => {
    const y = 40 + i * 38
    const ours = cpu['cassandra-driver'] / cpu.cqlwire
    const floor = cpu.floor && cpu['cassandra-driver'] / cpu.floor
    return `<text x="${left - 10}" y="${y + 17}" text-anchor="end">${escape(title)}</text>
<rect x="${left}" y="${y}" width="${(x(ours) - left).toFixed(1)}" height="14" rx="2" fill="#2f81f7"/><text x="${(x(ours) + 6).toFixed(1)}" y="${y + 12}">${ours.toFixed(1)}x</text>
${floor ? `<rect x="${left}" y="${y + 16}" width="${(x(floor) - left).toFixed(1)}" height="8" rx="2" fill="#8d96a0"/>` : ''}
${goal ? `<line x1="${x(goal).toFixed(1)}" x2="${x(goal).toFixed(1)}" y1="${y - 3}" y2="${y + 27}" stroke="#cf222e" stroke-width="2"/>` : ''}`
  })
  const height = 50 + rows.length * 38
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Times less CPU than cassandra-driver">${STYLE}
<text x="10" y="20">Times less CPU per operation than cassandra-driver</text><text class="dim" x="${left}" y="20">blue: cqlwire, grey: the floor of Node, red: the goal</text>
${bars.join('\n')}
</svg>
`
}

/** A line: CPU per request by requests in flight, both on scales of doublings. */
function inFlightPlot(points) {
  const width = 760
  const height = 260
  const most = Math.max(...points.map(({ cpuUsPerOp }) => cpuUsPerOp))
  const x = (n) => 60 + (Math.log2(n) / Math.log2(points.at(-1).inFlight)) * (width - 120)
  const y = (value) => height - 40 - (Math.log2(1 + value) / Math.log2(1 + most)) * (height - 90)
  const marks = points.map(({ inFlight, cpuUsPerOp }) => `<circle cx="${x(inFlight).toFixed(1)}" cy="${y(cpuUsPerOp).toFixed(1)}" r="4" fill="#2f81f7"/><text x="${x(inFlight).toFixed(1)}" y="${(y(cpuUsPerOp) - 10).toFixed(1)}" text-anchor="middle">${cpuUsPerOp.toFixed(1)} µs</text><text class="dim" x="${x(inFlight).toFixed(1)}" y="${height - 15}" text-anchor="middle">${inFlight.toLocaleString('en')}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="CPU per point read by requests in flight">${STYLE}
<text x="10" y="20">CPU of a point read, by requests in flight</text>
<polyline fill="none" stroke="#2f81f7" stroke-width="2" points="${points.map(({ inFlight, cpuUsPerOp }) => `${x(inFlight).toFixed(1)},${y(cpuUsPerOp).toFixed(1)}`).join(' ')}"/>
${marks.join('\n')}
</svg>
`
}
