// Adds up what `.ci/run` saw: count.mjs CHECK_OUTPUT TEST_REPORT_JSON TEST_EXIT_CODE. Runs on Node 20: an install may have failed.
import { readFileSync } from 'node:fs';

const [checkFile, testsFile, testsCode] = process.argv.slice(2);
const parts = [countChecks(), countTests()];
const passed = parts.reduce((sum, part) => sum + part.passed, 0);
const failed = parts.reduce((sum, part) => sum + part.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function countChecks() {
  const [, yes, no] = /^check: (\d+) passed, (\d+) failed$/m.exec(readFileSync(checkFile, 'utf8')) ?? [];
  return yes === undefined ? { passed: 0, failed: 1 } : { passed: Number(yes), failed: Number(no) };
}

/** A run that broke outside of any test (a file that does not load, a stray rejection, no report) is one failure. */
function countTests() {
  const report = readReport();
  const passedTests = report?.numPassedTests ?? 0;
  const failedTests = report?.numFailedTests ?? 0;
  const brokenFiles = (report?.testResults ?? []).filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
  if (skipped > 0) console.log(`${skipped} tests skipped, see above for what they need`);
  const seen = failedTests + brokenFiles;
  return { passed: passedTests, failed: seen === 0 && testsCode !== '0' ? 1 : seen };
}

function readReport() {
  try {
    return JSON.parse(readFileSync(testsFile, 'utf8'));
  } catch {
    return undefined;
  }
}
