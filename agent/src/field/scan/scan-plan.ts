/** How a serial line may be set. */
export type LineSetting = {
  readonly baudRate: number;
  readonly parity: 'even' | 'odd' | 'none';
  readonly stopBits: 1 | 2;
};

/** Units to ask at one setting. */
export type Trial = { readonly setting: LineSetting; readonly units: readonly number[] };

/** As people write it: 9600 8E1. */
export function settingText({ baudRate, parity, stopBits }: LineSetting): string {
  return `${baudRate} 8${(parity[0] ?? '').toUpperCase()}${stopBits}`;
}

/**
 * Settings by likelihood: 9600 and 19200 first, then what modern devices use, then the rest; in each the parity that Modbus demands
 * (even), then the one that most devices have (none). Without parity Modbus demands two stop bits and nearly nobody has them; a
 * receiver takes both, so one is tried.
 */
export function settingsFor(
  bauds: readonly number[] | undefined,
  parities: readonly LineSetting['parity'][] | undefined,
  stopBits: 1 | 2 = 1,
): readonly LineSetting[] {
  return (bauds ?? likelyBauds).flatMap((baudRate) =>
    (parities ?? likelyParities).map((parity) => ({ baudRate, parity, stopBits })),
  );
}

const likelyBauds = [9600, 19_200, 38_400, 115_200, 57_600, 4800, 2400] as const;
const likelyParities = ['even', 'none'] as const;

/** Numbers that devices have as they leave the factory, and those that people give first. */
const likelyUnits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 20, 32, 50, 100, 126, 200, 247] as const;

/**
 * What to ask next, or `undefined` at the end. With one setting: all units in order. With several: first the likely units at each
 * setting; where somebody answers, the rest there, and that is all, for the devices of one line speak alike (`everySetting` goes on
 * all the same). Where nobody answered, the rest at every setting.
 */
export function nextTrial(
  plan: ScanPlan,
  done: readonly Trial[],
  answeredAt: ReadonlySet<LineSetting>,
): Trial | undefined {
  return remainingTrials(plan, done, answeredAt)[0];
}

export type ScanPlan = {
  readonly settings: readonly LineSetting[];
  readonly units: readonly number[];
  readonly everySetting: boolean;
};

/** All trials that are still to come, as far as is known now: what the remaining time is made of. */
export function remainingTrials(
  { settings, units, everySetting }: ScanPlan,
  done: readonly Trial[],
  answeredAt: ReadonlySet<LineSetting>,
): readonly Trial[] {
  const left = (setting: LineSetting, among: readonly number[]): Trial => {
    const asked = new Set(done.flatMap((trial) => (trial.setting === setting ? trial.units : [])));
    return { setting, units: among.filter((unit) => !asked.has(unit)) };
  };
  const answering = settings.filter((setting) => answeredAt.has(setting));
  if (settings.length === 1) return settings.map((setting) => left(setting, units)).filter(hasUnits);
  const first = units.filter((unit) => (likelyUnits as readonly number[]).includes(unit));
  const rest = answering.map((setting) => left(setting, units));
  if (answering.length > 0 && !everySetting) return rest.filter(hasUnits);
  return [
    ...rest,
    ...settings.map((setting) => left(setting, first)),
    ...settings
      .filter((setting) => !answeredAt.has(setting))
      .map((setting) =>
        left(
          setting,
          units.filter((unit) => !first.includes(unit)),
        ),
      ),
  ].filter(hasUnits);
}

const hasUnits = ({ units }: Trial): boolean => units.length > 0;

/** 1-20,100,247 → numbers in that order, each once; `undefined` for what is no such list. */
export function numberRanges(text: string, least: number, most: number): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',').map((each) => each.trim())) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = Number(match[2] ?? match[1]);
    if (from < least || to > most || from > to) return undefined;
    for (let number = from; number <= to; number++) numbers.add(number);
  }
  return [...numbers];
}
