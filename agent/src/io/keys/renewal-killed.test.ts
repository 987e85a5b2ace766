import { X509Certificate } from 'node:crypto';
import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OwnAuthority } from '../../field/testing/own-authority.ts';
import { certificateRequest } from './certificate-request.ts';
import { readIdentity } from './gateway-identity.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { makeNextKey, settleKeys, takeRenewed } from './renewed-files.ts';

let folder: string;
let before: OwnAuthority;
let after: OwnAuthority;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'renewal-killed-'));
  [before, after] = [new OwnAuthority(), new OwnAuthority()];
  await before.lay(folder, 'gw-1');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const identity = (): GatewayIdentity => {
  const read = readIdentity(folder, 'gw-1');
  if (!read.ok) throw new Error(read.say);
  return read.identity;
};

/** All that changes something on the disk. */
const changing = ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'rmSync', 'mkdirSync', 'closeSync'] as const;
const killed = new Error('killed');

/**
 * Does `work` as if the process were killed before its operation `at` on the disk: nothing of it changes anything from there on, not what
 * would clear up either. A write that is cut off leaves its first half. False: it came to its end.
 */
async function killedAt(at: number, work: () => Promise<void> | void): Promise<boolean> {
  const shipped = Object.fromEntries(changing.map((name) => [name, fs[name]]));
  let count = 0;
  const watched =
    (name: string, operation: unknown) =>
    (...args: unknown[]) => {
      count += 1;
      if (count < at) return (operation as (...given: unknown[]) => unknown)(...args);
      const [file, bytes] = args;
      if (count === at && name === 'writeSync' && bytes instanceof Uint8Array)
        (operation as typeof fs.writeSync)(file as number, bytes.subarray(0, bytes.length / 2));
      throw killed;
    };
  for (const name of changing) Object.assign(fs, { [name]: watched(name, shipped[name]) });
  syncBuiltinESMExports();
  try {
    await work();
    return false;
  } catch (error) {
    if (error !== killed) throw error;
    return true;
  } finally {
    Object.assign(fs, shipped);
    syncBuiltinESMExports();
  }
}

/** As the running gateway renews, and the authority is another one by now. */
async function renewed(): Promise<void> {
  const key = makeNextKey(folder);
  const certificate = before.gateway('gw-1', await certificateRequest(key));
  takeRenewed(folder, { certificate, authority: `${before.ca}${after.ca}` });
}

const keyBelongs = ({ tls, key }: GatewayIdentity): boolean =>
  new X509Certificate(tls.cert).publicKey.export({ format: 'der', type: 'spki' }).equals(key.publicKeyDer);

test('a renewal that is killed at any operation on the disk, and the start after it too, leaves one identity that works', async () => {
  const counts = { kills: 0, old: 0, renewed: 0 };
  for (let at = 1, isKilled = true; isKilled; at += 1) {
    rmSync(folder, { recursive: true });
    await before.lay(folder, 'gw-1');
    const old = identity().tls.cert;
    isKilled = await killedAt(at, renewed);
    counts.kills += Number(isKilled);
    const left = identity();
    expect({ at, fits: keyBelongs(left), ca: left.tls.ca.includes(before.ca) }).toEqual({ at, fits: true, ca: true });
    counts[left.tls.cert === old ? 'old' : 'renewed'] += 1;
    for (let start = 1; await killedAt(start, () => settleKeys(folder)); start += 1)
      expect({ at, start, cert: identity().tls.cert }).toEqual({ at, start, cert: left.tls.cert });
    expect({ at, fits: keyBelongs(identity()), cert: identity().tls.cert }).toMatchObject({
      fits: true,
      cert: left.tls.cert,
    });
    // Neither a second key nor none.
    expect(readdirSync(folder).filter((name) => /^key.*\.pem$/.test(name))).toEqual(['key.pem']);
  }
  // Killed between certificate and key it counts, as where it was not killed.
  expect(Math.min(counts.kills, counts.old)).toBeGreaterThan(15);
  expect(counts.renewed).toBeGreaterThan(1);
});
