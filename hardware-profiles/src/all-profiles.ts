import { amiMeter200A } from '../profiles/tiepoint/ami-meter-200a.ts';
import { deepSeaGenset } from '../profiles/deep-sea/genset.ts';
import { sdm630, sdm630V1 } from '../profiles/eastron/sdm630.ts';
import { kmtronicRelay } from '../profiles/kmtronic/relay.ts';
import { sunspecBattery } from '../profiles/sunspec/battery.ts';
import { sunspecDer } from '../profiles/sunspec/der.ts';
import { sunspecInverter } from '../profiles/sunspec/inverter.ts';
import { sunspecMeter } from '../profiles/sunspec/meter.ts';
import { sunspecStorage } from '../profiles/sunspec/storage.ts';
import { abbB21 } from '../profiles/abb/b21.ts';
import { abbB23 } from '../profiles/abb/b23.ts';
import { em112 } from '../profiles/carlo-gavazzi/em112.ts';
import { em24 } from '../profiles/carlo-gavazzi/em24.ts';
import { em24Ethernet } from '../profiles/carlo-gavazzi/em24-ethernet.ts';
import { em340 } from '../profiles/carlo-gavazzi/em340.ts';
import { em540 } from '../profiles/carlo-gavazzi/em540.ts';
import { dtsu666 } from '../profiles/chint/dtsu666.ts';
import { deyeHybridThreePhase } from '../profiles/deye/hybrid-three-phase.ts';
import { sdm120 } from '../profiles/eastron/sdm120.ts';
import { dsmrP1Meter } from '../profiles/dsmr/p1-meter.ts';
import { sdm72 } from '../profiles/eastron/sdm72.ts';
import { finder7m38 } from '../profiles/finder/7m38.ts';
import { goodweEt } from '../profiles/goodwe/et.ts';
import { sun2000 } from '../profiles/huawei/sun2000.ts';
import { pro380 } from '../profiles/inepro/pro380.ts';
import { janitzaUmg } from '../profiles/janitza/umg.ts';
import { plenticore } from '../profiles/kostal/plenticore.ts';
import { we516 } from '../profiles/orno/we516.ts';
import { iem3000 } from '../profiles/schneider/iem3000.ts';
import { pm5000 } from '../profiles/schneider/pm5000.ts';
import { pac2200 } from '../profiles/siemens/pac2200.ts';
import { pac3200 } from '../profiles/siemens/pac3200.ts';
import { smaInverter } from '../profiles/sma/inverter.ts';
import { dirisA10 } from '../profiles/socomec/diris-a10.ts';
import { sungrowSg } from '../profiles/sungrow/sg.ts';
import { sungrowSh } from '../profiles/sungrow/sh.ts';
import { victronGx } from '../profiles/victron/gx.ts';
// Controllers, relays and load control.
import { adam4056so } from '../profiles/advantech/adam-4056so.ts';
import { baslerDgc2020Hd } from '../profiles/basler/dgc-2020hd.ts';
import { comapInteligen } from '../profiles/comap/inteligen.ts';
import { deepSeaGenset73xx } from '../profiles/deep-sea/genset-73xx.ts';
import { deifAgc150 } from '../profiles/deif/agc-150.ts';
import { deifGc1f2 } from '../profiles/deif/gc-1f-2.ts';
import { iologikE1214 } from '../profiles/moxa/iologik-e1214.ts';
import { sepamS20 } from '../profiles/schneider/sepam-s20.ts';
import { sel751a } from '../profiles/sel/feeder-751a.ts';
import { reyrolle7sr12 } from '../profiles/siemens/reyrolle-7sr12.ts';
import { waveshareRelay } from '../profiles/waveshare/modbus-rtu-relay.ts';
import { wellproRelay } from '../profiles/wellpro/wp8025.ts';
import type { Profile } from './profile.ts';
import { atInstance } from './sunspec/instances.ts';

/** Every device that Tiepoint knows. */
export const profiles: readonly Profile[] = [
  sunspecInverter,
  sunspecStorage,
  sunspecDer,
  sunspecBattery,
  sunspecMeter,
  sdm630,
  sdm630V1,
  amiMeter200A,
  deepSeaGenset,
  kmtronicRelay,
  // Meters, inverters and batteries with registers of their own, by vendor.
  abbB21,
  abbB23,
  em112,
  em24,
  em24Ethernet,
  em340,
  em540,
  dtsu666,
  deyeHybridThreePhase,
  sdm120,
  sdm72,
  finder7m38,
  goodweEt,
  sun2000,
  pro380,
  janitzaUmg,
  plenticore,
  we516,
  iem3000,
  pm5000,
  pac2200,
  pac3200,
  smaInverter,
  dirisA10,
  dsmrP1Meter,
  sungrowSg,
  sungrowSh,
  victronGx,
  // Genset controllers, feeder relays and load-control relays.
  deepSeaGenset73xx,
  comapInteligen,
  deifGc1f2,
  deifAgc150,
  baslerDgc2020Hd,
  sel751a,
  sepamS20,
  reyrolle7sr12,
  waveshareRelay,
  adam4056so,
  iologikE1214,
  wellproRelay,
];

/**
 * By its name, as configuration gives it: one of `own`, or one that is built in. With `@2` and so on it is that of another such device
 * in the same SunSpec chain.
 */
export function findProfile(name: string, own: readonly Profile[] = []): Profile | undefined {
  const [, base = name, instance] = /^(.*)@([2-9]|[1-4]\d|50)$/.exec(name) ?? [];
  const found = [...own, ...profiles].find((profile) => profile.name === base);
  if (found === undefined || instance === undefined) return found;
  return atInstance(found, Number(instance));
}
