// Pages whose rows become something else than rows: what a request forces for it, and what is made of its pages.
import { ProtocolError } from '../base/index.js'
import { ColumnarResult, joinJsonArrays } from '../codecs/index.js'
import type { ColumnarOptions, JsonLayout, JsonOptions, JsonPage, RowColumns, RowDecoder } from '../codecs/index.js'
import type { AnsweredRequest, Finish, ReadRows } from './executions.js'
import { checkFormOptions } from './options.js'
import { checkMaxRows } from './requests.js'
import type { Requests } from './requests.js'
import type { Result } from './result.js'
import type { Settings } from './settings.js'
import { sameColumns } from './result-shapes.js'

/** Settings of requests whose rows become JSON. @throws OptionError for options that there are not */
export function asJson(options: JsonOptions, layout: JsonLayout): Partial<Settings> {
  checkFormOptions(options, {})
  return { readRows: (decoder, body, count) => [decoder.json(options).write(body, count, layout)], autoPage: false }
}
/** The same with all defaults: one object, so that what it makes of the client's own settings is kept. */
export const AS_JSON: Partial<Settings> = asJson({}, 'array')

/** Puts the JSON of all pages together. */
export function joiningJson(requests: Requests): Finish {
  return (result, request) => {
    const page = result.rows[0] as JsonPage | undefined
    return page !== undefined && result.pageState === undefined ? page.bytes : pagesOf<JsonPage>(requests, result, request).then(joinJsonArrays)
  }
}

/** Collects the columns of all pages. @throws OptionError for options that there are not */
export function asColumns(requests: Requests, options: ColumnarOptions): { readonly forced: Partial<Settings>; readonly finish: Finish } {
  checkFormOptions({}, options)
  let columns: RowColumns | undefined
  let shape: RowDecoder | undefined
  const readRows: ReadRows = (decoder, body, count) => {
    if (shape !== undefined && !sameColumns(shape.columns, decoder.columns)) throw new ProtocolError('The columns of the result have changed from one page to the next')
    shape ??= decoder
    columns ??= decoder.columnar(options)
    columns.read(body, count)
    return [{ count }]
  }
  const finish: Finish = async (result, request) => {
    if (result.pageState !== undefined) await pagesOf(requests, result, request)
    return columns?.finish() ?? new ColumnarResult(0, [])
  }
  return { forced: { readRows, autoPage: false }, finish }
}

/** What the rows of all pages were read as. @throws RowCountError beyond `maxRows` */
async function pagesOf<Page extends { readonly count: number }>(requests: Requests, first: Result<unknown>, request: AnsweredRequest): Promise<Page[]> {
  const { maxRows } = request.settings as Settings
  const pages: Page[] = []
  let count = 0
  for (let result = first; ; result = await requests.nextPage(request, result.pageState)) {
    for (const page of result.rows as readonly Page[]) {
      pages.push(page)
      count += page.count
    }
    checkMaxRows(count, maxRows)
    if (result.pageState === undefined) return pages
  }
}
