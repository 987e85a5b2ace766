import type { Failure } from '@tiepoint/protocol';
import {
  commissioningReportShape,
  objectShape,
  textShape,
  anyShape,
  maxReportDeliveryBytes,
} from '@tiepoint/protocol/field';
import type { ReportAnswer } from '@tiepoint/protocol/field';
import type { ReportRecord } from '../../store/provisioning-store.ts';
import type { NotRecorded } from '../../store/store.ts';
import { judgeReport } from './acceptance.ts';
import type { BornThere } from './acceptance.ts';
import { hashOf } from '../../store/credentials.ts';
import { gatewayActor, subjectOf } from './register.ts';
import type { Register } from './register.ts';

type Refused = Failure<'not-found' | 'conflict' | 'invalid' | 'too-many'>;
type Outcome = { ok: true; value: ReportAnswer } | Refused | Exclude<NotRecorded, { ok: true }>;

const deliveryShape = objectShape({ report: anyShape, html: textShape({ min: 1, max: maxReportDeliveryBytes }) });
/** Of one gateway: more is a program gone wrong, and the disk is everybody's. */
const maxReportsOfGateway = 200;

/** Where commissioning reports arrive: kept whatever they say, and held against what the gateway says of itself. */
export class ReportDesk {
  readonly #register: Register;
  readonly #parts: ReportDeskParts;

  constructor(register: Register, parts: ReportDeskParts) {
    this.#register = register;
    this.#parts = parts;
  }

  /** The same report sent again is answered as before, but for what has become of it since. */
  take(gatewayId: string, body: unknown): Outcome {
    const delivery = deliveryShape(body, '');
    if (!delivery.ok) return delivery;
    const read = commissioningReportShape(delivery.value.report, 'report');
    if (!read.ok) return read;
    const report = read.value;
    const texts = { json: JSON.stringify(delivery.value.report), html: delivery.value.html };
    const sha256 = { json: hashOf(texts.json), html: hashOf(texts.html) };
    const { store, now } = this.#parts;
    const before = store.report(report.id);
    if (before !== undefined) return this.#again(before, gatewayId, sha256.json);
    const orders = this.#register.ordersOf(gatewayId);
    const siteId = orders[0]?.siteId;
    if (siteId === undefined)
      return refuse(
        'not-found',
        `Nothing is ordered for ${gatewayId}, so there is no site that this report could be of.`,
      );
    const ofGateway = store
      .reports({ siteId, limit: maxReportsOfGateway * 10 })
      .filter((each) => each.gatewayId === gatewayId);
    if (ofGateway.length >= maxReportsOfGateway)
      return refuse('too-many', `${maxReportsOfGateway} reports of ${gatewayId} are kept already: no more are taken.`);
    const { demonstration, born } = this.#parts;
    const nowMs = now();
    const fellAfterMs = this.#fellAfterMs(gatewayId);
    const { against, acceptance } = judgeReport(report, {
      gatewayId,
      siteId,
      orders,
      born: born(gatewayId),
      demonstration,
      ...(fellAfterMs === undefined ? {} : { fellAfterMs }),
      nowMs,
    });
    const retired = this.#register.stateOf(siteId) === 'retired' ? ['The site is retired.'] : [];
    const reasons = [...retired, ...against];
    const accepted = acceptance !== undefined && reasons.length === 0;
    const say = accepted
      ? `${gatewayId} is in service by this report.`
      : `Kept, and ${gatewayId} is not in service by it: ${reasons.join(' ')}`;
    const record: ReportRecord = {
      id: report.id,
      siteId,
      gatewayId,
      receivedAtMs: nowMs,
      finishedAtMs: report.finishedAtMs,
      technician: report.technician.name,
      verdict: report.verdict,
      emulated: report.emulated === true,
      accepted,
      say: say.slice(0, 2_000),
      against: reasons.map((each) => each.slice(0, 2_000)),
      sha256,
      bytes: texts.json.length + texts.html.length,
    };
    const audit = {
      action: 'report-received',
      subject: subjectOf(siteId),
      say: `${record.emulated ? 'Emulated' : 'Commissioning'} report ${report.id} of ${record.technician}, ${report.verdict}. ${record.say}`,
    } as const;
    const written = this.#register.commitReport(record, texts, {
      changes: accepted ? [{ kind: 'acceptance', id: gatewayId, record: acceptance }] : [],
      actor: gatewayActor(gatewayId),
      audit: [audit],
    });
    return written.ok ? { ok: true, value: this.#answer(record) } : written;
  }

  #again(before: ReportRecord, gatewayId: string, sha256: string): Outcome {
    if (before.gatewayId !== gatewayId || before.sha256.json !== sha256)
      return refuse(
        'conflict',
        `A report ${before.id} with other contents was received before: each commissioning has a report id of its own.`,
      );
    const { id, accepted } = before;
    const held = this.#register.of('acceptance').get(gatewayId);
    if (!accepted || (held?.reportId === id && held.fallen === undefined))
      return { ok: true, value: this.#answer(before) };
    const why =
      held?.reportId === id && held.fallen !== undefined
        ? `has fallen out of it: ${held.fallen.say} Commission it again.`
        : 'goes by another report now.';
    const say = `${gatewayId} went into service by this report, and ${why}`;
    return { ok: true, value: { ...this.#answer(before), accepted: false, say, against: [say] } };
  }

  /** When the report was finished by which a gateway that fell out of service was last in it. */
  #fellAfterMs(gatewayId: string): number | undefined {
    const held = this.#register.of('acceptance').get(gatewayId);
    return held?.fallen === undefined ? undefined : this.#parts.store.report(held.reportId)?.finishedAtMs;
  }

  #answer({ id, siteId, accepted, say, against }: ReportRecord): ReportAnswer {
    return { reportId: id, accepted, siteState: this.#register.stateOf(siteId) ?? 'planned', say, against };
  }
}

export type ReportDeskParts = {
  readonly store: {
    report(id: string): ReportRecord | undefined;
    reports(query: { siteId?: string; limit: number }): readonly ReportRecord[];
  };
  readonly born: (gatewayId: string) => BornThere;
  /** Are reports of emulated devices taken? */
  readonly demonstration: boolean;
  readonly now: () => number;
};

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}
