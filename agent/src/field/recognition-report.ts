import { recognise, profiles } from '@tiepoint/hardware-profiles';
import type { Candidate, Profile, Recognition } from '@tiepoint/hardware-profiles';
import { no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { BusSettings, ReadBus } from '../io/bus/bus.ts';
import { askDevice } from './ask-device.ts';
import { paint } from './terminal.ts';
import type { Terminal } from './terminal.ts';

/** Which of the built-in profiles and `own` the unit is, of those that fit this kind of bus. */
export async function recogniseUnit(
  { bus, unit, signal, kind }: { bus: ReadBus; unit: number; signal: AbortSignal; kind: BusSettings['kind'] },
  own: readonly Profile[] = [],
): Promise<Result<Recognition>> {
  const port = kind === 'p1' || kind === 'p1-over-tcp' ? ({ port: 'p1' } as const) : {};
  const result = await askDevice(recognise([...own, ...profiles], port), { bus, unit, signal });
  return result ?? no('interrupted', 'Interrupted.');
}

/** For programs. */
export function recognitionJson({ candidates, named, say, reads }: Recognition): object {
  return { named: named?.profile.name, say, reads, candidates: candidates.map(candidateJson) };
}

function candidateJson({ profile, sureness, why, against, identity }: Candidate): object {
  return { profile: profile.name, make: profile.make, model: profile.model, sureness, why, against, identity };
}

/** For people: the sentence, then each candidate with what speaks for it and against. */
export function showRecognition({ candidates, named, say }: Recognition, terminal: Terminal): void {
  terminal.print(paint(terminal, named === undefined ? 'yellow' : 'green', say));
  for (const candidate of candidates) {
    terminal.print(`  ${paint(terminal, 'bold', candidate.profile.name)}: ${candidate.sureness}`);
    for (const line of candidate.why) terminal.print(`    + ${line}`);
    for (const line of candidate.against) terminal.print(`    - ${line}`);
    for (const [name, value] of Object.entries(candidate.identity)) terminal.print(`      ${name}: ${value}`);
  }
}
