// Node, Bun and Deno: code that is written for one result shape each, and compiled by the engine. Names of columns and types come over the
// network and never become part of that text: it knows columns by number, and gets their names as values.
export { generateJson } from './json-generator.jit.js'
export { generateRows } from './row-generator.jit.js'
export { generateWrite } from './value-generator.jit.js'
