import type { Reporter, TestCase } from 'vitest/node';

/** Names, at the end, the tests that passed only when they were run once more: each is one to mend. */
export default class Repeated implements Reporter {
  readonly #names: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.diagnostic()?.flaky !== true) return;
    const [fault] = test.result().errors ?? [];
    this.#names.push(`${test.module.relativeModuleId} > ${test.fullName}: ${fault?.message ?? 'it failed'}`);
  }

  onTestRunEnd(): void {
    if (this.#names.length === 0) return;
    console.log(`${this.#names.length} passed only when run once more:`);
    for (const name of this.#names) console.log(`  ${name}`);
  }
}
