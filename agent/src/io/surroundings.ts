import { randomInt } from 'node:crypto';
import { connect } from 'mqtt';
import type { IClientOptions, MqttClient } from 'mqtt';
import { openBus } from './bus/bus.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { openDatabase } from './disk/database.ts';
import { readIdentity } from './keys/gateway-identity.ts';

/** What a gateway stands in: time, chance, the ports of its buses, the disk, its identity and the line to the broker. */
export type Surroundings = {
  readonly clock: Clock;
  /** From 0 up to, not including, 1. Not for secrets. */
  readonly random01: () => number;
  /** From 1 to 2^32 - 1, and nobody can guess it: by it an answer is known to be one. */
  readonly unguessable32: () => number;
  readonly openBus: typeof openBus;
  readonly openDatabase: typeof openDatabase;
  readonly readIdentity: typeof readIdentity;
  readonly connect: (url: string, options: IClientOptions) => MqttClient;
};

/** The machine that this program runs on. */
export const machine: Surroundings = {
  clock: systemClock,
  random01: Math.random,
  unguessable32: () => randomInt(1, 0x1_0000_0000),
  openBus,
  openDatabase,
  readIdentity,
  connect,
};
