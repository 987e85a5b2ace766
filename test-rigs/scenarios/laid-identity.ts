import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GatewayTls } from '@tiepoint/headend/nms/testing/field-client.ts';

/** Lays key, certificate and authority where an agent looks for them whose configuration lies in this folder. */
export function layIdentity(directory: string, { key, cert, ca }: GatewayTls): void {
  const folder = join(directory, 'identity');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of [
    ['key.pem', key],
    ['certificate.pem', cert],
    ['authority.pem', ca],
  ] as const)
    writeFileSync(join(folder, name), text, { mode: 0o600 });
}
