/**
 * streaming: many rows at a time, in and out.
 *
 * Here: flows (operators on async iterables), `scan` of whole tables, `bulkWrite`, pipelines, files of rows, and small helpers for many
 * requests at once. Not here: single requests and paging (`client/`). Read `source.ts` and `flow.ts`, then `scan.ts` and `bulk-write.ts`.
 */
export { Flow, flow } from './flow.js'
export type { NodeReadable, ParallelMapOptions } from './flow.js'
export { FlowEvents } from './flow-events.js'
export type { FlowEventMap, FlowEventsOptions, FlowStats } from './flow-events.js'
export { END } from './source.js'
export type { Input, Pulled, Source } from './source.js'
export type { Visit } from './operators.js'
export { ParallelCall } from './parallel-map.js'
export type { ParallelVisit } from './parallel-map.js'
export { Scan, scan } from './scan.js'
export type { ScanOptions, ScanProgress } from './scan-options.js'
export { bulkWrite } from './bulk-write.js'
export { BulkWriteError } from './bulk-options.js'
export type { BulkOutcome, BulkProgress, BulkWriteOptions } from './bulk-options.js'
export { Pipeline, pipeline, SKIP, StageError } from './pipeline.js'
export type { PipelineOutcome, PipelineSummary, StageContext, StageOptions } from './pipeline.js'
export { findMany } from './find-many.js'
export type { FindManyOptions } from './find-many.js'
export { Background, Future, future, PartialFailureError, settle, waitForAll } from './futures.js'
export type { Settled } from './futures.js'
export { rateLimiter, Semaphore } from '../resilience/index.js'
export { readCsv, textReaders, writeCsv } from './files/csv.js'
export type { CsvOptions } from './files/csv.js'
export { jsonReaders, readJsonLines, writeJsonLines } from './files/json-lines.js'
export { readFields } from './files/file-record.js'
export type { FieldReaders, FileColumn, FileRecord } from './files/file-record.js'
export { tableOf } from './table-of.js'
