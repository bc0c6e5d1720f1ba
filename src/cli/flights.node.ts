import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { OptionError } from '../base/index.js'

/** One flight of the demo's data set: 20,000 domestic flights in the USA, January to March 2001 (vega-datasets). */
export interface Flight {
  readonly origin: string
  readonly departure: Date
  readonly destination: string
  /** Its place in the data set, which tells flights of the same minute apart. */
  readonly number: number
  /** Minutes. */
  readonly delay: number
  /** Miles. */
  readonly distance: number
}

interface Source {
  readonly date: string
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

/** Reads the data set from the package that ships it. */
export async function readFlights(): Promise<Flight[]> {
  let path: string
  try {
    // Its data files are no exports, but stand beside the entry point.
    path = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/flights-20k.json')
  } catch {
    throw new OptionError('vega-datasets', 'The demo reads its flights from the package vega-datasets: install it with `npm install vega-datasets`')
  }
  const source = JSON.parse(await readFile(path, 'utf8')) as Source[]
  return source.map(({ date, delay, distance, origin, destination }, number) => ({
    origin, destination, number, delay, distance, departure: new Date(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`),
  }))
}
