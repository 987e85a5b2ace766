/** What one check found. */
export type Finding = {
  /** Of the kind of check; `about` tells which port, device or host it was made on. */
  readonly id: CheckId;
  readonly about?: string;
  /** `left-out`: not made, and `say` tells why. */
  readonly outcome: 'ok' | 'warning' | 'bad' | 'left-out';
  readonly say: string;
  /** Figures by their name with unit. */
  readonly measured?: Readonly<Record<string, number | string | boolean>>;
  /** What to do about it; of everything that is not good. */
  readonly todo?: string;
};

export const checkTitles = {
  configuration: 'Configuration',
  service: 'Gateway service',
  commissioning: 'Commissioning',
  port: 'Serial port',
  adapter: 'Adapter',
  bus: 'Bus',
  identity: 'Identity',
  chain: 'SunSpec chain',
  'round-trip': 'Round trips',
  plan: 'Polling plan',
  ntp: 'Clock, NTP',
  clock: 'Clock, head-end',
  trust: 'Trusted keys',
  disk: 'Disk',
  database: 'Journal and outbox',
  memory: 'Memory',
  'own-certificate': 'Own certificate',
  name: 'Broker, name',
  tcp: 'Broker, TCP',
  certificate: 'Broker, certificate',
  mqtt: 'Broker, MQTT',
  subscription: 'Broker, subscription',
  publication: 'Broker, publication',
  'head-end': 'Head-end, field API',
  order: 'As ordered',
} as const;
export type CheckId = keyof typeof checkTitles;

/** The worst of them; checks that were left out count for nothing. */
export function verdictOf(findings: readonly Finding[]): 'ok' | 'warning' | 'bad' {
  if (findings.some(({ outcome }) => outcome === 'bad')) return 'bad';
  return findings.some(({ outcome }) => outcome === 'warning') ? 'warning' : 'ok';
}
