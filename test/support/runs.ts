/** How many runs a property has: fewer where thousands of changes to the code are tried against it. */
export const runs = (count: number): { numRuns: number } => ({ numRuns: Math.max(20, Math.round(count * Number(process.env['CQLWIRE_RUNS'] ?? 1))) })
