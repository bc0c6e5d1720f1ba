/**
 * arrow: what `client.columnar` has read, as Apache Arrow, for DuckDB, pandas, Parquet writers and whoever else speaks it.
 *
 * Here: `toArrow`. It needs the package `apache-arrow`, which is not installed with this one. Not here: columns themselves (`codecs/`).
 */
export { toArrow } from './to-arrow.js'
