import { assignmentShape, fieldRoutes, reportAnswerShape, seenShape } from '@tiepoint/protocol/field';
import type { Assignment, CommissioningReport, ReportAnswer, Seen } from '@tiepoint/protocol/field';
import { ask } from '../../io/head-end-question.ts';
import type { Answered } from '../../io/head-end-question.ts';
import type { GatewayTls } from '../../io/keys/gateway-identity.ts';

/** The head-end's routes for the field, as one gateway asks them. Every answer is checked before it is used. */
export class HeadEndClient {
  readonly #baseUrl: string;
  readonly #tls: GatewayTls;

  constructor(baseUrl: string, tls: GatewayTls) {
    this.#baseUrl = baseUrl;
    this.#tls = tls;
  }

  get url(): string {
    return this.#baseUrl;
  }

  async assignment(): Promise<Answered<Assignment>> {
    return await ask(this.#baseUrl, fieldRoutes.assignment, assignmentShape, { tls: this.#tls });
  }

  async seen(deviceId: string, sinceMs: number): Promise<Answered<Seen>> {
    return await ask(this.#baseUrl, fieldRoutes.seen(deviceId, sinceMs), seenShape, { tls: this.#tls });
  }

  async send(report: CommissioningReport, html: string): Promise<Answered<ReportAnswer>> {
    return await ask(this.#baseUrl, fieldRoutes.reports, reportAnswerShape, { tls: this.#tls, body: { report, html } });
  }
}
