import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commissioningFolder, newProgress, progressPath, writeProgress } from '../commission/progress-file.ts';
import { checkCommissioning } from './check-commissioning.ts';

function dataFolder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'tiepoint-left-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  return dataDir;
}

test.each([
  { found: { 'meter-1/switch': 'on' }, says: /^meter-1 was found switched on when meter-1\/switch began/ },
  { found: { 'pv-1/limit': '100' }, says: /was found without a limit/ },
  { found: { 'pv-1/threshold': '60' }, says: /was found with a limit of 60 %/ },
  { found: { 'genset-1/start-stop': 'stopped' }, says: /was found stopped/ },
  { found: { 'relay-1/relays': '{"relay1":"on","relay2":"off"}' }, says: /was found with relay 1 on, relay 2 off/ },
])('what was found $found and not seen so again is bad, with what to do', ({ found, says }) => {
  const dataDir = dataFolder();
  writeProgress(progressPath(commissioningFolder(dataDir)), { ...newProgress('cafe', 1), found });
  const [finding, ...more] = checkCommissioning({ file: 'gateway.yaml', dataDir }, undefined);
  expect(finding).toMatchObject({ id: 'commissioning', outcome: 'bad', say: expect.stringMatching(says) });
  expect(finding?.todo).toContain(`commission --config gateway.yaml --redo ${Object.keys(found)[0]}`);
  expect(finding?.todo).not.toContain('stop the gateway');
  expect(more).toEqual([]);
  expect(checkCommissioning({ file: 'g', dataDir }, { isCommissioning: false })[0]?.todo).toContain('stop the gateway');
  expect(checkCommissioning({ file: 'g', dataDir }, { isCommissioning: true })[0]?.outcome).toBe('left-out');
});

test('nothing begun says nothing; all brought back is good; what cannot be read is told', () => {
  const dataDir = dataFolder();
  const at = { file: 'g', dataDir };
  expect(checkCommissioning(at, undefined)).toEqual([]);
  const path = progressPath(commissioningFolder(dataDir));
  writeProgress(path, newProgress('cafe', 1));
  expect(checkCommissioning(at, undefined)).toMatchObject([{ outcome: 'ok' }]);
  for (const text of ['nonsense', JSON.stringify({ ...newProgress('cafe', 1), found: { 'm/switch': 7 } })]) {
    writeFileSync(path, text);
    expect(checkCommissioning(at, undefined)).toMatchObject([{ outcome: 'warning' }]);
  }
});
