import type { Profile } from '@tiepoint/hardware-profiles';
import type { NumberPoint } from '@tiepoint/protocol';
import { numberPoints } from '@tiepoint/protocol';
import { judgeCt, phaseNames } from './ct-check.ts';
import type { PhaseName, PhaseReading } from './ct-check.ts';
import { enterServicePoints, judgeEnterService, judgeSyncSettings, syncSettingPoints } from './enter-service.ts';
import { awaitIdentified } from './item-context.ts';
import type { DeviceContext } from './item-context.ts';
import { interrupted, plain, skipped } from './judgement.ts';
import type { Judgement } from './judgement.ts';
import { judgeNameplate, orderedRatings } from './nameplate.ts';
import type { RatingName } from './nameplate.ts';
import { judgePlausibility } from './plausibility.ts';
import type { Asked, Reading } from './plausibility.ts';

export async function ident(context: DeviceContext): Promise<Judgement> {
  const { site, device, profile, signal } = context;
  await awaitIdentified(context, [device.id]);
  if (signal.aborted) return interrupted;
  const model = site.model(device.id);
  if (model === undefined) {
    const why = site.trouble(device.id) ?? 'It does not answer.';
    return {
      outcome: 'failed',
      say: `${why} Bus ${device.bus}, unit ${device.unit}: wiring, unit number, profile? \`tiepoint-agent scan\` and \`identify\` find out.`,
      measured: [{ point: 'profile', expected: profile.name, met: 'no' }],
    };
  }
  const { identity, profileHash, withheld } = model;
  const told = [
    { point: 'profile', word: profile.name, expected: profile.name, met: 'yes' as const },
    { point: 'hash of the profile', word: profileHash },
    ...Object.entries(identity).map(([point, word]) => ({ point, word: word ?? '' })),
  ];
  const say = `Answers on bus ${device.bus}, unit ${device.unit}, as ${profile.name}${identity.serialNumber === undefined ? '; it tells no serial number' : `, serial number ${identity.serialNumber}`}.`;
  if (withheld.length === 0) return { outcome: 'passed', say, measured: told };
  const kinds = withheld.map(({ kind }) => kind).join(', ');
  return {
    outcome: 'differs',
    say: `${say} Withheld, because registers that they need were never checked with a witness: ${kinds}. Check them and name them under \`confirmed\`.`,
    measured: told,
  };
}

export async function nameplate({ site, device, profile, ordered, ask }: DeviceContext): Promise<Judgement> {
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  const order = ordered(device.id);
  const { identity, toldLimits } = model;
  let serialNumber: string | undefined;
  if (order?.serialNumber !== undefined && identity.serialNumber === undefined) {
    const plate = await ask.plate(device.id);
    if (!plate.ok) return plate.stop;
    serialNumber = plate.value;
  }
  const ratings: { [Name in RatingName]?: number } = {};
  for (const { name, words, unit } of orderedRatings) {
    if (order?.[name] === undefined || toldLimits[name] !== undefined) continue;
    const plate = await ask.plateRating(device.id, name, `${words} on the plate (${unit}`);
    if (!plate.ok) return plate.stop;
    if (plate.value !== undefined) ratings[name] = plate.value;
  }
  return judgeNameplate(order, {
    profileName: profile.name,
    identity,
    toldLimits,
    plate: { serialNumber, ...ratings },
  });
}

export const unidentified = (deviceId: string): Judgement =>
  skipped(`${deviceId} is not identified, so there is nothing to look at: its first item comes first.`);

const compared: readonly NumberPoint[] = ['voltageV', 'currentA', 'activePowerW', 'frequencyHz'];

export async function plausibility(context: DeviceContext): Promise<Judgement> {
  const { site, device, profile, ask, accuracyPct } = context;
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  const names = compared.filter((point) => profile.points[point] !== undefined);
  const readings: Reading[] = [];
  const asked: Asked[] = [];
  for (const point of names) {
    const before = (await site.read(device.id, [point]))?.measured[point];
    const told = before === undefined ? 'nothing' : `${plain(before)} ${numberPoints[point]}`;
    const says = point === 'activePowerW' ? `${told} (${signWords(profile)})` : told;
    const reply = await ask.reading(device.id, point, numberPoints[point], says);
    if (!reply.ok) return reply.stop;
    asked.push({ point, isTold: before !== undefined });
    if (reply.value === undefined) continue;
    const after = (await site.read(device.id, [point]))?.measured[point];
    const deviceValues = [before, after].filter((value) => value !== undefined);
    readings.push({ point, instrumentValue: reply.value, deviceValues });
  }
  const { ratedPowerW, ratedVoltageV } = model.limits;
  const accuracy = { kind: profile.kind, instrumentPct: accuracyPct, ratedPowerW, ratedVoltageV };
  return judgePlausibility(readings, accuracy, asked);
}

const signWords = ({ kind }: Profile): string => (kind === 'aas' ? 'generation is positive' : 'import is positive');

/** Import is positive at a meter, generation at an AAS. */
const signOf = (kind: string, direction: 'import' | 'export'): 1 | -1 =>
  (kind === 'aas') === (direction === 'export') ? 1 : -1;

export async function ct({ site, device, profile, ask }: DeviceContext): Promise<Judgement> {
  if (site.model(device.id) === undefined) return unidentified(device.id);
  const phases: PhaseReading[] = [];
  const unread: { phase: PhaseName; currentA: number }[] = [];
  const direction = await ask.direction(device.id);
  if (!direction.ok) return direction.stop;
  for (const phase of phaseNames) {
    const own = `current${phase}A` as const;
    // A device of one phase may tell its current without naming the phase.
    const current = profile.points[own] === undefined && phase === 'A' ? 'currentA' : own;
    if (profile.points[current] === undefined) continue;
    const names = [current, `voltage${phase}V`, `activePower${phase}W`, 'voltageV'] as const;
    const before = (await site.read(device.id, names))?.measured;
    const told = before?.[current];
    const says = told === undefined ? 'nothing' : `${plain(told)} A`;
    const clamp = await ask.clamp(device.id, phase, says);
    if (!clamp.ok) return clamp.stop;
    if (clamp.value === undefined && told !== undefined) unread.push({ phase, currentA: told });
    if (clamp.value === undefined) continue;
    const now = (await site.read(device.id, names))?.measured ?? before;
    phases.push({
      phase,
      clampA: clamp.value,
      currentA: now?.[current],
      voltageV: now?.[`voltage${phase}V`] ?? now?.voltageV,
      activePowerW: now?.[`activePower${phase}W`],
    });
  }
  if (phases.length === 0) return skipped('No current was read with a clamp.');
  const ratio = await ask.ratio(device.id);
  if (!ratio.ok) return ratio.stop;
  const activePowerW = (await site.read(device.id, ['activePowerW']))?.measured.activePowerW;
  const expectedSign = signOf(profile.kind, direction.value);
  return judgeCt({ phases, unread, activePowerW, expectedSign, ratio: ratio.value });
}

export async function enterService({ site, device }: DeviceContext): Promise<Judgement> {
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  const has = new Set<string>(model.points.map(({ name }) => name));
  const decoded = await site.read(device.id, enterServicePoints);
  return judgeEnterService(decoded?.setpoints ?? {}, has);
}

export async function syncSettings({ site, device }: DeviceContext): Promise<Judgement> {
  const model = site.model(device.id);
  if (model === undefined) return unidentified(device.id);
  const has = new Set<string>(model.points.map(({ name }) => name));
  const decoded = await site.read(device.id, syncSettingPoints);
  return judgeSyncSettings(decoded?.setpoints ?? {}, has, model.limits.ratedPowerW);
}
