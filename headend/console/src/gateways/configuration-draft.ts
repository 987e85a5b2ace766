import type { DeviceConfiguration } from '@tiepoint/protocol';

/** What is typed into the form; an empty text keeps what the gateway's own file says. */
export type Draft = {
  readonly periodS: string;
  readonly reporting: '' | 'periodic' | 'by-exception';
  readonly heartbeatS: string;
  readonly thresholdsPct: string;
  readonly hysteresisPct: string;
  readonly intervalS: string;
};

export type DraftVerdict = { ok: true; value: DeviceConfiguration } | { ok: false; field: keyof Draft; say: string };

export function draftOf(known: DeviceConfiguration | undefined): Draft {
  return {
    periodS: known?.periodMs === undefined ? '' : String(known.periodMs / 1000),
    reporting: known?.reporting ?? '',
    heartbeatS: known?.heartbeatMs === undefined ? '' : String(known.heartbeatMs / 1000),
    thresholdsPct: (known?.thresholdsPct ?? []).join(', '),
    hysteresisPct: known?.hysteresisPct === undefined ? '' : String(known.hysteresisPct),
    intervalS: known?.intervalS === undefined ? '' : String(known.intervalS),
  };
}

/** Checks the limits of the configuration message, field by field. */
export function readDraft(deviceId: string, draft: Draft): DraftVerdict {
  const period = within(draft.periodS, 1, 3_600);
  if (period === false) return { ok: false, field: 'periodS', say: 'Period: 1 to 3,600 seconds.' };
  const heartbeat = within(draft.heartbeatS, 1, 3_600);
  if (heartbeat === false) return { ok: false, field: 'heartbeatS', say: 'Heartbeat: 1 to 3,600 seconds.' };
  const hysteresis = within(draft.hysteresisPct, 0.1, 50);
  if (hysteresis === false) return { ok: false, field: 'hysteresisPct', say: 'Hysteresis: 0.1 to 50 %.' };
  const parts = draft.thresholdsPct.split(/[\s,;]+/).filter(Boolean);
  const thresholds = parts.map((part) => within(part, 0, 200));
  if (parts.length > 8 || thresholds.some((one) => one === false || one === undefined)) {
    return {
      ok: false,
      field: 'thresholdsPct',
      say: 'Thresholds: up to 8 numbers from 0 to 200 %, with commas between.',
    };
  }
  const thresholdsPct = thresholds.filter((one): one is number => typeof one === 'number');
  return {
    ok: true,
    value: {
      deviceId,
      ...(period === undefined ? {} : { periodMs: Math.round(period * 1000) }),
      ...(draft.reporting === '' ? {} : { reporting: draft.reporting }),
      ...(heartbeat === undefined ? {} : { heartbeatMs: Math.round(heartbeat * 1000) }),
      ...(thresholdsPct.length === 0 ? {} : { thresholdsPct }),
      ...(hysteresis === undefined ? {} : { hysteresisPct: hysteresis }),
      ...(draft.intervalS === '' ? {} : { intervalS: Number(draft.intervalS) }),
    },
  };
}

/** `undefined` for an empty field, `false` for what is no number or outside. */
function within(text: string, low: number, high: number): number | undefined | false {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= low && value <= high ? value : false;
}

/** The configuration of a gateway is replaced as a whole: the other devices go along as they are. */
export function withDevice(
  devices: readonly DeviceConfiguration[],
  changed: DeviceConfiguration,
): readonly DeviceConfiguration[] {
  return [...devices.filter(({ deviceId }) => deviceId !== changed.deviceId), changed];
}
