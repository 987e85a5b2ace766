import { describe, expect, test } from 'vitest';
import type { Measured } from '@tiepoint/protocol';
import { decodePoints, drive, findProfile, identify, layOut, profiles, readImage, WordImage } from './index.ts';
import type { DeviceModel, Table } from './index.ts';
import { goldenAnonymousMeters } from './golden-anonymous-meters.fixture.ts';
import { goldenInverters } from './golden-inverters.fixture.ts';
import { goldenMeters } from './golden-meters.fixture.ts';
import type { Words } from './golden-words.fixture.ts';

const golden = [...goldenMeters, ...goldenAnonymousMeters, ...goldenInverters];

describe.each(golden)('$profile', ({ profile, words, measured, identity = {} }) => {
  test('is identified by the registers of its description', () => {
    expect(identified(profile, imageOf(words)).identity).toMatchObject(identity);
  });

  test('is read right', () => {
    const image = imageOf(words);
    expect(decodePoints(identified(profile, image), image).measured).toMatchObject(measured);
  });
});

test.each<{ profile: string; change: Words; unknown: readonly (keyof Measured)[] }>([
  { profile: 'abb-b23-b24', change: { 'holding 23316': '7FFF FFFF' }, unknown: ['activePowerW', 'exportedEnergyWh'] },
  {
    profile: 'schneider-iem3000',
    change: { 'holding 3059': 'FFC0 0000' },
    unknown: ['activePowerW', 'exportedEnergyWh'],
  },
  { profile: 'carlo-gavazzi-em24', change: { 'input 40': 'FFFF 7FFF' }, unknown: ['activePowerW', 'currentCA'] },
  {
    profile: 'huawei-sun2000',
    change: { 'holding 32080': '7FFF FFFF', 'holding 37760': 'FFFF' },
    unknown: ['activePowerW', 'stateOfChargePct', 'voltageBV', 'currentBA'],
  },
  {
    profile: 'sma-inverter',
    change: { 'holding 30775': '8000 0000', 'holding 30803': 'FFFF FFFF' },
    unknown: ['activePowerW', 'activePowerCW', 'frequencyHz', 'voltageCV', 'currentCA'],
  },
  {
    profile: 'sungrow-sg',
    change: { 'input 5030': 'FFFF 7FFF', 'input 5018': 'FFFF' },
    unknown: ['activePowerW', 'voltageV'],
  },
  { profile: 'victron-gx', change: { 'holding 843': '0000' }, unknown: ['stateOfChargePct'] },
  {
    profile: 'goodwe-et',
    change: { 'holding 35121': 'FFFF', 'holding 37007': 'FFFF' },
    unknown: ['voltageAV', 'stateOfChargePct'],
  },
  { profile: 'socomec-diris-a10', change: { 'holding 50536': '7FFF FFFF' }, unknown: ['activePowerW'] },
])('$profile: what it does not know is unknown', ({ profile, change, unknown }) => {
  const image = imageOf(golden.find((one) => one.profile === profile)!.words, change);
  const { measured } = decodePoints(identified(profile, image), image);
  expect(unknown.map((name) => measured[name])).toEqual(unknown.map(() => undefined));
});

test('a sign that is turned makes no −0 of 0', () => {
  const image = imageOf(golden.find(({ profile }) => profile === 'victron-gx')!.words, { 'holding 842': '0000' });
  expect(decodePoints(identified('victron-gx', image), image).measured.activePowerW).toBe(0);
});

test.each(golden)('no other profile takes a $profile for its own', ({ profile, words }) => {
  const takers = (image: WordImage): string[] =>
    profiles
      .filter((other) => other.name !== profile && 'probes' in other.identify)
      .filter((other) => drive(identify(other), (request) => readImage(image, request)).ok)
      .map(({ name }) => name);
  expect(takers(imageOf(words))).toEqual([]);
  expect(takers(layOut(findProfile(profile)!).image)).toEqual([]);
});

function identified(name: string, image: WordImage): DeviceModel {
  const result = drive(identify(findProfile(name)!), (request) => readImage(image, request));
  if (!result.ok) throw new Error(result.say);
  return result.value;
}

function imageOf(...layers: readonly Words[]): WordImage {
  const image = new WordImage();
  for (const [where, hex] of layers.flatMap((words) => Object.entries(words))) {
    const [table, address] = where.split(' ');
    const read = hex.trim().split(' ');
    image.set(
      table as Table,
      Number(address),
      read.map((word) => Number.parseInt(word, 16)),
      0,
    );
  }
  return image;
}
