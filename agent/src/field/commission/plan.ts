import type { Profile } from '@tiepoint/hardware-profiles';
import { syncSettingPoints } from './enter-service.ts';

export type ItemKind =
  | 'ident'
  | 'nameplate'
  | 'plausibility'
  | 'ct'
  | 'enter-service'
  | 'sync-settings'
  | 'switch'
  | 'relays'
  | 'start-stop'
  | 'sync-check'
  | 'synchronise'
  | 'limit'
  | 'threshold'
  | 'link-loss'
  | 'cadence';

export type PlannedItem = {
  /** `DEVICE/KIND`, or `KIND` for the gateway's own. */
  readonly id: string;
  readonly kind: ItemKind;
  readonly deviceId?: string;
  readonly title: string;
  /** Without it there is no passed report. */
  readonly required: boolean;
  /** What the technician must agree to first, because something goes dead, starts or is cut. */
  readonly warning?: string;
};

type Described = Omit<PlannedItem, 'id' | 'deviceId'>;

type PlannedDevice = { readonly id: string; readonly profile: Profile };

/**
 * The check list of a site, in the order in which it is best done: looking first, then moving the sources, then the switches that
 * sources hang behind (one that lost its voltage may wait minutes before it feeds again), then the line.
 */
export function planItems(
  devices: readonly PlannedDevice[],
  { readOnly }: { readonly readOnly: boolean },
): readonly PlannedItem[] {
  const of = (describe: (profile: Profile) => readonly Described[], among = devices): readonly PlannedItem[] =>
    among.flatMap(({ id, profile }) =>
      describe(profile).map((each) => ({ ...each, id: `${id}/${each.kind}`, deviceId: id })),
    );
  const isBefore = ({ profile }: PlannedDevice): boolean => profile.capabilities.includes('service-switch');
  const behind = devices.filter((device) => !isBefore(device));
  return [
    ...of(lookingItems),
    ...(readOnly ? [] : [...of(movingItems, behind), ...of(movingItems, devices.filter(isBefore))]),
    {
      id: 'link-loss',
      kind: 'link-loss',
      title: 'Loss of the line to the head-end',
      required: true,
      warning: 'Cuts the line to the head-end for about half a minute. The head-end will show this gateway as lost.',
    },
    { id: 'cadence', kind: 'cadence', title: 'Rhythm of reports at the head-end', required: true },
  ];
}

function lookingItems(profile: Profile): readonly Described[] {
  const { kind, capabilities, points } = profile;
  const measures = points.voltageV !== undefined || points.currentA !== undefined || points.activePowerW !== undefined;
  const hasCts = points.currentA !== undefined && points.activePowerW !== undefined;
  return [
    { kind: 'ident', title: 'Port and identity', required: true },
    { kind: 'nameplate', title: 'Nameplate against the order', required: true },
    ...(measures ? [item('plausibility', 'Plausibility against an instrument', true)] : []),
    // An inverter measures with what is built in; the CTs of a meter or a generator controller are wired on site.
    ...(hasCts
      ? [
          item(
            'ct',
            'Current transformers: ratio, phases, direction',
            kind === 'meter' || capabilities.includes('breaker'),
          ),
        ]
      : []),
    ...(kind === 'aas' ? [item('enter-service', 'Enter-service settings', false)] : []),
    // A feeder's relay without a synchroniser may have a check of synchronism all the same.
    ...(capabilities.includes('synchroniser') || syncSettingPoints.some((name) => points[name] !== undefined)
      ? [item('sync-settings', 'Limits of the synchroniser', false)]
      : []),
  ];
}

function item(kind: ItemKind, title: string, required: boolean, warning?: string): Described {
  return { kind, title, required, ...(warning === undefined ? {} : { warning }) };
}

/** What moves a device, with what a technician must know before. */
const moving = {
  limit: item(
    'limit',
    'Limit of power, measured, with the device’s own fall-back',
    true,
    'Limits the generation for some seconds, then lifts the limit.',
  ),
  threshold: item(
    'threshold',
    'Threshold events at the head-end',
    false,
    'Limits the generation for some seconds to cross a threshold on trial, then lifts the limit.',
  ),
  serviceSwitch: item(
    'switch',
    'Disconnect and connect, measured',
    true,
    'Opens the service switch: everything behind this meter goes dead, for some seconds at least. Then closes it again.',
  ),
  breaker: item(
    'switch',
    'Open and close the breaker, measured',
    true,
    'Opens the breaker: the whole line behind it goes dead, for some seconds at least. Then closes it again, if that line is measured dead.',
  ),
  source: item(
    'switch',
    'Disconnect and connect, measured',
    true,
    'Takes this source off and connects it again; after that it may wait minutes before it feeds (IEEE 1547: 300 s).',
  ),
  relays: item(
    'relays',
    'Load relays, measured',
    true,
    'Switches each relay over and back: the loads behind it go on or off.',
  ),
  startStop: item(
    'start-stop',
    'Start and stop, measured',
    true,
    'Starts and stops this source: keep clear of moving parts, and warn who works here.',
  ),
  syncCheck: item(
    'sync-check',
    'Synchronization check relay',
    true,
    'Starts the generator if it stands still, arms its synchroniser, and stops it again. Its breaker must stay open.',
  ),
  synchronise: item(
    'synchronise',
    'Synchronize, close and open the breaker, measured',
    true,
    'Starts the generator, lets its synchroniser close the breaker onto the live bus, and opens it again: two sources are joined.',
  ),
} as const;

function movingItems({ capabilities, commands, kind }: Profile): readonly Described[] {
  const has = (...kinds: readonly (keyof typeof commands)[]): boolean =>
    kinds.every((each) => commands[each] !== undefined);
  const synchronises = capabilities.includes('synchroniser');
  const isSwitch = capabilities.includes('service-switch');
  const switching = kind === 'meter' ? moving.breaker : moving.source;
  const asked: readonly (readonly [boolean, Described])[] = [
    [has('limit-power'), moving.limit],
    [kind === 'aas', moving.threshold],
    [has('connect', 'disconnect') && !synchronises, isSwitch ? moving.serviceSwitch : switching],
    [has('switch-relay'), moving.relays],
    [has('start-generation', 'stop-generation'), moving.startStop],
    [synchronises && has('enable-synchronization'), moving.syncCheck],
    [synchronises && has('activate-synchronization', 'disconnect'), moving.synchronise],
  ];
  return asked.flatMap(([isAsked, described]) => (isAsked ? [described] : []));
}
