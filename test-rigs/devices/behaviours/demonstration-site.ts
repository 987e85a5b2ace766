import { findProfile, type Profile } from '@tiepoint/hardware-profiles';
import {
  plant,
  plantSettings,
  stepPlant,
  type Plant,
  type PlantFaults,
  type PlantSettings,
} from '../../plant/plant.ts';
import type { GridDisturbance } from '../../plant/supply.ts';
import type { SitePort } from '../emulated-device.ts';
import { FaultPlan } from '../faults.ts';
import { amiMeter } from './ami-meter.ts';
import { BehavingDevice, type BehavingDeviceOptions } from './behaving-device.ts';
import { deepSeaGenset } from './deepsea-genset.ts';
import { derBattery } from './der-battery.ts';
import { pvInverter } from './pv-inverter.ts';
import { relayBoard } from './relay-board.ts';
import { siteMeter } from './site-meter.ts';

export const deviceIds = ['meter-1', 'pv-1', 'battery-1', 'genset-1', 'meter-2', 'relay-1'] as const;
export type DeviceId = (typeof deviceIds)[number];

export type DemonstrationOptions = {
  readonly settings?: PlantSettings;
  /** Seconds since midnight at which the site's day begins. */
  readonly clockS?: number;
  /** A state to go on from, as `plant` gives it. */
  readonly before?: Plant;
  /** Of the random faults on the wires. */
  readonly seed?: number;
};

/** Short enough to watch: real inverters wait 300 s, and a diesel set warms up and cools down for minutes. */
export const demonstrationSettings: PlantSettings = {
  ...plantSettings,
  pv: { ...plantSettings.pv, enterServiceDelayS: 10, enterServiceRampS: 20 },
  battery: { ...plantSettings.battery, enterServiceDelayS: 10 },
};

/**
 * The site that `npm start` shows: a home whose PV hangs behind its meter's service switch, and a site with battery, generator,
 * meter and relays. One plant moves them all, so that what one does the others see.
 */
export class DemonstrationSite {
  readonly settings: PlantSettings;
  readonly devices: Readonly<Record<DeviceId, BehavingDevice>>;
  readonly #wires: Readonly<Record<WireName, FaultPlan>>;
  #plant: Plant;
  #atMs: number | undefined;
  #disturbance: GridDisturbance = {};

  constructor({ settings = demonstrationSettings, clockS = 10.5 * 3600, before, seed = 1 }: DemonstrationOptions = {}) {
    this.settings = settings;
    this.#plant = before ?? plant(settings, clockS);
    this.#wires = {
      home: new FaultPlan({ seed }),
      pv: new FaultPlan({ seed }),
      battery: new FaultPlan({ seed }),
      genset: new FaultPlan({ seed }),
      line: new FaultPlan({ seed }),
    };
    this.devices = this.#devices();
  }

  get plant(): Plant {
    return this.#plant;
  }

  /** Fills all registers; `runInS`: lets the plant run so long first, so that what needs a while is up already. */
  prepare(runInS = 0): void {
    this.#plant = stepPlant(this.#plant, runInS, this.settings);
    for (const device of Object.values(this.devices)) device.prepare();
  }

  /** What is done to the grid that all hang on, from now on. */
  disturbGrid(disturbance: GridDisturbance): void {
    this.#disturbance = disturbance;
  }

  /** Moves the plant to this time. After a pause of the process it goes on where it was, and at most this much at once. */
  advance(nowMs: number): void {
    const dtS = Math.min(longestStepS, Math.max(0, (nowMs - (this.#atMs ?? nowMs)) / 1000));
    this.#atMs = nowMs;
    if (dtS > 0) this.#plant = stepPlant(this.#plant, dtS, this.settings, this.#plantFaults());
  }

  /** The ports in the order of `portNames`. The home's meter is on a serial line of 9600 baud, made by socat or carried by TCP. */
  ports(serial: 'rtu-pty' | 'rtu-over-tcp'): SitePort[] {
    const { devices } = this;
    const wires = this.#wires;
    const line = { baudRate: 9600, turnaroundMs: 5, precision: 'coarse' } as const;
    return [
      { kind: serial, ...line, faults: wires.home, devices: [devices['meter-1']] },
      { kind: 'tcp', turnaroundMs: 4, faults: wires.pv, devices: [devices['pv-1']] },
      { kind: 'tcp', turnaroundMs: 4, faults: wires.battery, devices: [devices['battery-1']] },
      { kind: 'tcp', turnaroundMs: 8, faults: wires.genset, devices: [devices['genset-1']] },
      { kind: 'rtu-over-tcp', ...line, faults: wires.line, devices: [devices['meter-2'], devices['relay-1']] },
    ];
  }

  #plantFaults(): PlantFaults {
    const {
      stuckSwitch: meterStuck = false,
      slowSwitchS: meterSlowS = 0,
      backFeed = false,
    } = this.devices['meter-1'].faults;
    const {
      stuckSwitch = false,
      slowSwitchS = 0,
      failToStart = false,
      slipOffsetHz = 0,
      voltageOffsetPu = 0,
    } = this.devices['genset-1'].faults;
    return {
      grid: this.#disturbance,
      home: { stuck: meterStuck, extraTravelS: meterSlowS, backFeed },
      genset: {
        noFuel: failToStart,
        breaker: { stuck: stuckSwitch, extraTravelS: slowSwitchS },
        governorOffsetHz: slipOffsetHz,
        regulatorOffsetPu: voltageOffsetPu,
      },
    };
  }

  #devices(): Readonly<Record<DeviceId, BehavingDevice>> {
    const make = (options: Omit<BehavingDeviceOptions, 'advance'>): BehavingDevice =>
      new BehavingDevice({ ...options, advance: (nowMs) => this.advance(nowMs) });
    return { ...this.#homeDevices(make), ...this.#siteDevices(make) };
  }

  #homeDevices(make: Maker): Record<'meter-1' | 'pv-1', BehavingDevice> {
    const { settings } = this;
    return {
      'meter-1': make({
        id: 'meter-1',
        unit: 1,
        profile: profileOf('ami-meter-200a'),
        behaviour: amiMeter(this.#part('home')),
        wire: this.#wires.home,
        nameplate: { 'identity:serialNumber': 'TP-EMU-0001', 'identity:firmware': '1.0', 'limit:switchRatingA': 200 },
      }),
      'pv-1': make({
        id: 'pv-1',
        unit: 1,
        profile: profileOf('sunspec-inverter'),
        behaviour: pvInverter(this.#part('pv'), settings.pv),
        wire: this.#wires.pv,
        layOut: {
          models: [1, 101, 120, 121, 122, 123],
          scaleFactors: { W_SF: 0, VA_SF: 0, A_SF: -2, WRtg_SF: 0, WMax_SF: 0, WAval_SF: 0 },
        },
        nameplate: {
          ...identity('PV-6', 'TP-EMU-0002'),
          'limit:ratedPowerW': settings.pv.ratedW,
          'limit:ratedCurrentA': settings.pv.ratedW / settings.pv.nominalV,
          'limit:ratedVoltageV': settings.pv.nominalV,
        },
      }),
    };
  }

  #siteDevices(make: Maker): Record<'battery-1' | 'genset-1' | 'meter-2' | 'relay-1', BehavingDevice> {
    const { settings } = this;
    const ratedA = settings.battery.ratedW / (3 * settings.battery.nominalV);
    const battery = make({
      id: 'battery-1',
      unit: 1,
      profile: profileOf('sunspec-der'),
      behaviour: derBattery(this.#part('battery'), settings.battery, () => heartbeatAddress(battery)),
      wire: this.#wires.battery,
      nameplate: {
        ...identity('BESS-100/200', 'TP-EMU-0003'),
        'limit:ratedPowerW': settings.battery.ratedW,
        'limit:ratedCurrentA': ratedA,
        'limit:ratedVoltageV': settings.battery.nominalV,
        'limit:storageCapacityWh': settings.battery.capacityWh,
      },
    });
    return {
      'battery-1': battery,
      'genset-1': make({
        id: 'genset-1',
        unit: 10,
        profile: profileOf('deepsea-genset'),
        behaviour: deepSeaGenset(this.#part('genset'), settings.genset),
        wire: this.#wires.genset,
        nameplate: { 'identity:serialNumber': 860_004 },
        fill: gencommPages.map((page) => ({ table: 'holding', address: page * 256, count: 256, word: 0xffff })),
      }),
      'meter-2': make({
        id: 'meter-2',
        unit: 3,
        profile: profileOf('eastron-sdm630'),
        behaviour: siteMeter(this.#part('facility')),
        wire: this.#wires.line,
        fill: [{ table: 'input', address: 0, count: 82, word: 0 }],
      }),
      'relay-1': make({
        id: 'relay-1',
        unit: 4,
        profile: profileOf('kmtronic-relay'),
        behaviour: relayBoard(this.#part('shed')),
        wire: this.#wires.line,
      }),
    };
  }

  #part<K extends keyof Plant>(name: K): { get(): Plant[K]; set(next: Plant[K]): void } {
    return {
      get: () => this.#plant[name],
      set: (next) => {
        this.#plant = { ...this.#plant, [name]: next };
      },
    };
  }
}

type WireName = 'home' | 'pv' | 'battery' | 'genset' | 'line';
type Maker = (options: Omit<BehavingDeviceOptions, 'advance'>) => BehavingDevice;

const longestStepS = 5;
/** Pages of GenComm in which the profile has points; the rest of a page answers "unimplemented". */
const gencommPages = [3, 4, 5, 6, 7, 16, 154, 166];

/** Which devices stand on which port of `ports`. */
export const portsOf: readonly (readonly DeviceId[])[] = [
  ['meter-1'],
  ['pv-1'],
  ['battery-1'],
  ['genset-1'],
  ['meter-2', 'relay-1'],
];

const identity = (model: string, serialNumber: string): Record<string, string> => ({
  'identity:manufacturer': 'Tiepoint emulation',
  'identity:model': model,
  'identity:serialNumber': serialNumber,
  'identity:firmware': '1.0',
});

function profileOf(name: string): Profile {
  const profile = findProfile(name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}

/** 715 DERHb: the two registers after LocRemCtl. */
function heartbeatAddress({ model }: BehavingDevice): number | undefined {
  const address = model.sunspecModels?.find(({ id }) => id === 715)?.address;
  return address === undefined ? undefined : address + 3;
}
