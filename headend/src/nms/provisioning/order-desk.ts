import type { Failure } from '@tiepoint/protocol';
import type { ProfileFile, SiteRecord } from '../../store/provisioning-store.ts';
import type { Acting, NotRecorded } from '../../store/store.ts';
import { hashOf } from '../../store/credentials.ts';
import { columnOf } from './csv-columns.ts';
import { writeExport } from './csv-export.ts';
import { readImport } from './csv-import.ts';
import type { ImportedRecord, ReadImport } from './csv-import.ts';
import { withChanges } from './order-book.ts';
import type { EnteredChange, EnteredKind, OrderBook } from './order-book.ts';
import { operatorActor, subjectOf } from './register.ts';
import type { Register } from './register.ts';

export type ImportPreview =
  | Extract<ReadImport, { ok: false }>
  | {
      readonly ok: true;
      readonly records: readonly ImportedRecord[];
      readonly digest: string;
      readonly warnings: readonly string[];
    };
type Refused = Failure<'not-found' | 'conflict' | 'invalid'> & { path?: string };
type Outcome = { ok: true; value: undefined } | Refused | Exclude<NotRecorded, { ok: true }>;

/** Where people enter what is ordered: one record at a time, or a file. */
export class OrderDesk {
  readonly #register: Register;
  readonly #now: () => number;

  constructor(register: Register, now: () => number) {
    this.#register = register;
    this.#now = now;
  }

  /** One record, new or changed; of one that is the same nothing is told. */
  put(change: EnteredChange, acting: Acting): Outcome {
    const before = this.#register.of(change.kind).get(change.id);
    if (JSON.stringify(before) === JSON.stringify(change.record)) return done;
    const action = ({ site: 'site-set', device: 'order-set', contract: 'contract-set' } as const)[change.kind];
    const say = `${nounOf[change.kind]} ${change.id} ${before === undefined ? 'entered' : 'changed'}: ${differenceWords(change, before)}`;
    return this.#entered([change], acting, [{ action, ...this.#subject(change), say }]);
  }

  remove(kind: EnteredKind, id: string, acting: Acting): Outcome {
    if (!this.#register.of(kind).has(id)) return refuse('not-found', `There is no ${kind} ${id.slice(0, 130)}.`);
    const action = ({ site: 'site-removed', device: 'order-removed', contract: 'contract-removed' } as const)[kind];
    const change = { kind, id, record: undefined } as EnteredChange;
    return this.#entered([change], acting, [
      { action, ...this.#subject(change), say: `${nounOf[kind]} ${id} removed` },
    ]);
  }

  preview(text: string): ImportPreview {
    const read = readImport(text, this.#register.book);
    if (!read.ok) return read;
    const warnings = this.#warnings(read.changes);
    return { ok: true, records: read.records, digest: digestOf(read.records), warnings };
  }

  /** All of the file or nothing. `expect`: the digest of a preview, so that what is done is what was shown. */
  import(text: string, acting: Acting, expect?: string): ImportPreview | Exclude<Outcome, { ok: true }> {
    const read = readImport(text, this.#register.book);
    if (!read.ok) return read;
    const digest = digestOf(read.records);
    if (expect !== undefined && expect !== digest)
      return refuse('conflict', 'What this file would change is no longer what the preview showed: look at it again.');
    const warnings = this.#warnings(read.changes);
    if (read.changes.length > 0) {
      const count = (kind: EnteredKind): string => {
        const of = read.records.filter((each) => each.kind === kind && each.change !== 'same');
        const fresh = of.filter(({ change }) => change === 'new').length;
        return `${of.length} ${kind}s (${fresh} new)`;
      };
      const next = withChanges(this.#register.book, read.changes);
      const sites = new Set(read.changes.flatMap((change) => this.#subject(change, next).subject ?? []));
      const entered = this.#entered(read.changes, acting, [
        {
          action: 'import',
          say: `Imported ${count('site')}, ${count('device')}, ${count('contract')}; file ${hashOf(text).slice(0, 16)}`,
        },
        ...[...sites].map(
          (subject) =>
            ({
              action: 'import',
              subject,
              say: `Changed by an import: ${wordsOf(read.records, subject, next)}`,
            }) as const,
        ),
      ]);
      if (!entered.ok) return entered;
    }
    return { ok: true, records: read.records, digest, warnings };
  }

  #warnings(changes: readonly EnteredChange[]): readonly string[] {
    const falls = this.#register.fallsBy(withChanges(this.#register.book, changes));
    return falls.map(({ id, record }) => `${id} would fall out of service: ${record?.fallen?.say ?? ''}`);
  }

  /** Of the sites that are asked for. */
  export(wanted: (site: SiteRecord) => boolean): string {
    const { site, device, contract } = this.#register.book;
    return writeExport({ site: new Map([...site].filter(([, each]) => wanted(each))), device, contract });
  }

  retire(siteId: string, acting: Acting, cause: string | undefined): Outcome {
    const site = this.#register.of('site').get(siteId);
    if (site === undefined) return refuse('not-found', `There is no site ${siteId.slice(0, 64)}.`);
    if ((site.retired !== undefined) === (cause !== undefined)) return done;
    const { retired: _retired, ...rest } = site;
    const record: SiteRecord =
      cause === undefined ? rest : { ...rest, retired: { atMs: this.#now(), by: acting.operator, cause } };
    const say = cause === undefined ? 'Reinstated: its gateways are commissioned anew' : 'Retired';
    // What was commissioned before says nothing of a site that comes back; which report that was stays known.
    const fallen = { atMs: this.#now(), say: 'Its site was retired.' };
    const anew = this.#register
      .gatewaysAt(siteId)
      .flatMap(({ gatewayId, acceptance }) =>
        acceptance === undefined
          ? []
          : [{ kind: 'acceptance', id: gatewayId, record: { ...acceptance, fallen } } as const],
      );
    const audit = [
      { action: 'site-set', subject: subjectOf(siteId), ...(cause === undefined ? {} : { why: cause }), say },
    ] as const;
    const written = this.#register.commit(
      [{ kind: 'site', id: siteId, record }, ...anew],
      operatorActor(acting),
      audit,
    );
    return written.ok ? done : written;
  }

  setProfile(file: Omit<ProfileFile, 'setAtMs' | 'setBy'>, acting: Acting): Outcome {
    const record: ProfileFile = { ...file, setAtMs: this.#now(), setBy: acting.operator };
    const written = this.#register.commit([{ kind: 'profile', id: file.name, record }], operatorActor(acting), [
      {
        action: 'profile-set',
        subject: `profile:${file.name}`,
        say: `Profile file ${file.fileName}, ${hashOf(file.text).slice(0, 16)}`,
      },
    ]);
    return written.ok ? done : written;
  }

  removeProfile(name: string, acting: Acting): Outcome {
    if (!this.#register.of('profile').has(name))
      return refuse('not-found', `There is no profile file ${name.slice(0, 64)}.`);
    const written = this.#register.commit([{ kind: 'profile', id: name, record: undefined }], operatorActor(acting), [
      { action: 'profile-removed', subject: `profile:${name}`, say: `Profile file ${name} removed` },
    ]);
    return written.ok ? done : written;
  }

  #entered(changes: readonly EnteredChange[], acting: Acting, audit: Parameters<Register['enter']>[2]): Outcome {
    const entered = this.#register.enter(changes, operatorActor(acting), audit);
    if (entered.ok) return done;
    if (!('faults' in entered)) return entered;
    const [first] = entered.faults;
    const path = first === undefined ? undefined : `body.${first.field}`;
    const column = first === undefined ? undefined : columnOf(first.kind, first.field)?.name;
    return {
      ...refuse('invalid', `${column ?? first?.field ?? 'record'}: ${entered.say}`),
      ...(path === undefined ? {} : { path }),
    };
  }

  #subject({ kind, id, record }: EnteredChange, book: OrderBook = this.#register.book): { subject?: string } {
    if (kind === 'site') return { subject: subjectOf(id) };
    const key = kind === 'device' ? id : (record?.deviceKey ?? book.contract.get(id)?.deviceKey ?? '');
    const siteId = kind === 'device' && record !== undefined ? record.siteId : book.device.get(key)?.siteId;
    return siteId === undefined ? {} : { subject: subjectOf(siteId) };
  }
}

const done = { ok: true, value: undefined } as const;
const nounOf: Readonly<Record<EnteredKind, string>> = { site: 'Site', device: 'Device', contract: 'Contract' };

/** Names that the sentence begins with already. */
const namesOf: ReadonlySet<string> = new Set(['id', 'key', 'gatewayId', 'deviceId']);

/** Each field that is new or another, by the column of an import that would say so. */
function differenceWords({ kind, record }: EnteredChange, before: object | undefined): string {
  const was: Readonly<Record<string, unknown>> = { ...before };
  const is: Readonly<Record<string, unknown>> = { ...record };
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (field) => !namesOf.has(field) && JSON.stringify(was[field]) !== JSON.stringify(is[field]),
  );
  return fields
    .map((field) => {
      const column = columnOf(kind, field);
      const shown = (value: unknown): string =>
        value === undefined ? '–' : (column?.write(value) ?? JSON.stringify(value));
      const change = before === undefined ? shown(is[field]) : `${shown(was[field])} → ${shown(is[field])}`;
      return `${column?.name ?? field} ${change}`;
    })
    .join('; ');
}

function digestOf(records: readonly ImportedRecord[]): string {
  return hashOf(JSON.stringify(records)).slice(0, 32);
}

/** What of an import is about one site. */
function wordsOf(records: readonly ImportedRecord[], subject: string, next: OrderBook): string {
  const siteOf = ({ kind, id }: ImportedRecord): string | undefined => {
    if (kind === 'site') return id;
    const key = kind === 'device' ? id : next.contract.get(id)?.deviceKey;
    return next.device.get(key ?? '')?.siteId;
  };
  const of = records.filter((each) => each.change !== 'same' && subjectOf(siteOf(each) ?? '') === subject);
  const named = of.map(({ kind, id, change }) => `${kind} ${id} (${change})`);
  return `${named.slice(0, 10).join(', ')}${named.length > 10 ? ` and ${named.length - 10} more` : ''}`;
}

function refuse(reason: Refused['reason'], say: string): Refused {
  return { ok: false, reason, say };
}
