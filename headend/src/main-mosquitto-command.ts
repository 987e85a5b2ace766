import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dayMs } from './authority/certificate-authority.ts';
import type { RevokedSerial } from './authority/certificate-authority.ts';
import { KeyFolder } from './authority/key-folder.ts';
import { enrolledIn, lostKeys } from './authority/lost-keys.ts';
import { serverIdentity } from './authority/own-certificates.ts';
import { openIdentity } from './main-authority.ts';
import { readSettings } from './main-settings.ts';
import type { Settings } from './main-settings.ts';
import { mosquittoAccess, mosquittoConfiguration, mosquittoFiles } from './nms/link/mosquitto-configuration.ts';
import { openToRead } from './store/database.ts';
import type { CertificateRecord, GatewayIdentity } from './store/provisioning-store.ts';
import { operationsId } from './store/sqlite-store.ts';

export const mosquittoUsage = [
  'mosquitto DIR [--config FILE] [--data DIR]   a configuration of mosquitto for broker.url, with its certificate and what is revoked',
] as const;

/** mosquitto refuses everybody once the list is over, so it is never over by itself. */
const listMs = 3_650 * dayMs;

/** Writes the folder, also while the head-end runs, and again after each revocation. Returns the exit code. */
export async function mosquittoCommand(args: readonly string[]): Promise<number> {
  const asked = askedFor(args);
  if (!asked.ok) {
    for (const each of [...asked.say, 'Usage:', ...mosquittoUsage.map((line) => `  ${line}`)]) console.error(each);
    return 2;
  }
  const { folder: path, settings } = asked.value;
  const { url } = settings.broker;
  if (url === undefined) {
    console.error('broker.url is missing in the configuration: it says where mosquitto is reached, mqtts://HOST:8883');
    return 2;
  }
  const revoked = await writeFolder(path, new URL(url), settings);
  console.log(
    `${path}: mosquitto -c ${join(path, mosquittoFiles.configuration)}; ${revoked} ${revoked === 1 ? 'certificate' : 'certificates'} of gateways revoked.`,
  );
  console.log(
    'The folder is to belong to the user of mosquitto alone, for it holds a key (chown -R mosquitto, once). Run this again after each revocation, and have mosquitto read it (systemctl reload mosquitto, or SIGHUP): until then a revoked gateway goes on speaking there. Run it once in half a year, too, then restart mosquitto.',
  );
  return 0;
}

async function writeFolder(path: string, { hostname, port }: URL, settings: Settings): Promise<number> {
  const nowMs = Date.now();
  const keys = new KeyFolder(join(settings.data, 'keys'));
  const known = knownIn(join(settings.data, 'operations.db'), nowMs);
  const lost = lostKeys(keys, { gatewayIds: known.gatewayIds, accounts: [] }, settings.authority !== undefined);
  if (lost !== undefined) throw new Error(lost.say);
  const identity = await openIdentity(settings, keys, { nowMs });
  const host = hostname.replace(/^\[|\]$/g, '');
  const broker = await serverIdentity(identity.authority, keys, [host, ...settings.hostNames], {
    nowMs,
    of: 'broker',
  });
  const headEnd = commonNameOf((await identity.client(nowMs)).cert);
  const folder = new KeyFolder(path);
  folder.open();
  const texts: Record<keyof typeof mosquittoFiles, string> = {
    key: broker.key,
    certificate: broker.cert,
    authority: identity.authority.certificatesPem,
    revoked: await identity.authority.revocationList(known.revoked, nowMs, listMs),
    access: mosquittoAccess(headEnd, known.barred),
    configuration: mosquittoConfiguration({ folder: path, port: port === '' ? 8_883 : Number(port) }),
  };
  for (const [name, text] of Object.entries(texts)) folder.write(mosquittoFiles[name as keyof typeof texts], text);
  return known.revoked.length;
}

/** Before the first start there is nothing. */
function knownIn(
  file: string,
  nowMs: number,
): { gatewayIds: readonly string[]; revoked: readonly RevokedSerial[]; barred: readonly string[] } {
  if (!existsSync(file)) return { gatewayIds: [], revoked: [], barred: [] };
  const db = openToRead(file, operationsId);
  try {
    const all = db.prepare('SELECT body FROM provisioning WHERE kind = ?');
    const certificates = all.all('certificate').map(({ body }) => JSON.parse(String(body)) as CertificateRecord);
    const identities = all.all('identity').map(({ body }) => JSON.parse(String(body)) as GatewayIdentity);
    const counting = new Set(
      certificates
        .filter(({ revoked, notAfterMs }) => revoked === undefined && notAfterMs > nowMs)
        .map(({ gatewayId }) => gatewayId),
    );
    return {
      gatewayIds: enrolledIn(identities),
      barred: [
        ...new Set(
          certificates.flatMap(({ gatewayId, revoked }) =>
            revoked === undefined || counting.has(gatewayId) ? [] : [gatewayId],
          ),
        ),
      ].toSorted(),
      revoked: certificates.flatMap(({ serial, revoked, notAfterMs }) =>
        revoked === undefined || notAfterMs <= nowMs ? [] : [{ serial, revokedAtMs: revoked.atMs }],
      ),
    };
  } finally {
    db.close();
  }
}

function commonNameOf(cert: string): string {
  return /^CN=(.+)$/m.exec(new X509Certificate(cert).subject)?.[1] ?? '';
}

type Asked = { folder: string; settings: Settings };

function askedFor(args: readonly string[]): { ok: true; value: Asked } | { ok: false; say: readonly string[] } {
  const text = { type: 'string' } as const;
  try {
    const options = { config: text, data: text };
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [folder, ...more] = positionals;
    if (folder === undefined || more.length > 0) return { ok: false, say: ['Name one folder'] };
    const settings = readSettings(Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]));
    return settings.ok ? { ok: true, value: { folder: resolve(folder), settings: settings.value } } : settings;
  } catch (error) {
    return { ok: false, say: [error instanceof Error ? error.message : String(error)] };
  }
}
