// Prints "PASSED FAILED" of a vitest JSON report. Skipped tests are failures in CI: a suite that did not run proves nothing.
import { readFileSync } from 'node:fs'

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const crashed = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.every((test) => test.status === 'passed')).length
const skipped = report.numPendingTests + report.numTodoTests
console.log(`${report.numPassedTests} ${report.numFailedTests + crashed + skipped}`)
if (skipped > 0) console.error(`${skipped} tests were skipped`)
if (report.numTotalTests === 0) process.exit(1)
