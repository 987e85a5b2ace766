import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import type { Trust } from '@tiepoint/protocol/field';
import { startSite } from '../devices/emulated-device.ts';
import type { FaultRule } from '../devices/faults.ts';
import { FaultPlan } from '../devices/faults.ts';
import { imageOf, Technician } from './technician.ts';

const values = { voltageAV: 230.5, activePowerW: 7_000, frequencyHz: 50.02 };

type Found = {
  id: string;
  about?: string;
  outcome: string;
  say: string;
  todo?: string;
  measured?: Record<string, unknown>;
};
export type Answer = { code: number | null; verdict: string; findings: readonly Found[] };

export async function doctor(...args: string[]): Promise<Answer> {
  const command = new Technician(['doctor', '--json', ...args]);
  onTestFinished(async () => await command.kill());
  const code = await command.ended();
  if (!command.stdout.startsWith('{')) throw new Error(`no answer: ${command.stdout}${command.stderr}`);
  const { verdict, findings } = JSON.parse(command.stdout) as Omit<Answer, 'code'>;
  return { code, verdict, findings };
}

export const of = ({ findings }: Answer, id: string): readonly Found[] =>
  findings.filter((finding) => finding.id === id);

export function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tiepoint-doctor-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A meter on a real pty pair; its path. */
export async function meterOnPty(rules: readonly FaultRule[] = []): Promise<string> {
  const { image } = imageOf('eastron-sdm630', values);
  const faults = new FaultPlan({ seed: 3, say: () => undefined, rules });
  const started = await startSite({
    ports: [{ kind: 'rtu-pty', baudRate: 9600, faults, devices: [{ unit: 1, image }] }],
  });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(async () => await started.site.stop());
  const at = started.site.ports[0]!.at;
  return 'path' in at ? at.path : '';
}

export async function meterOnTcp(): Promise<number> {
  const { image } = imageOf('eastron-sdm630', values);
  const started = await startSite({ ports: [{ kind: 'tcp', devices: [{ unit: 1, image }] }] });
  if (!started.ok) throw new Error(started.say);
  onTestFinished(async () => await started.site.stop());
  const at = started.site.ports[0]!.at;
  return 'port' in at ? at.port : 0;
}

/** `trust`: goes to the identity that is laid there. */
export function gatewayFile(directory: string, mqttUrl: string, bus: object, trust?: Trust): string {
  if (trust !== undefined) writeFileSync(join(directory, 'identity', 'trust.json'), JSON.stringify(trust));
  const file = join(directory, 'gateway.yaml');
  writeFileSync(
    file,
    stringify({
      gateway: { id: 'gw-1', dataDir: join(directory, 'data') },
      mqtt: { url: mqttUrl },
      buses: [{ name: 'yard', ...bus }],
      devices: [{ id: 'meter-1', bus: 'yard', unit: 1, profile: 'eastron-sdm630' }],
    }),
  );
  return file;
}
