import type { CommissioningReport, ReportItem, ReportMeasurement } from '@tiepoint/protocol/field';
import { plain } from './judgement.ts';
import type { Photograph } from './photographs.ts';
import { pointWords } from './point-words.ts';
import { drawPlot, escaped } from './report-plot.ts';

const verdictWords = {
  passed: 'Passed',
  'passed-with-reservations': 'Passed with reservations',
  failed: 'Failed',
  incomplete: 'Incomplete',
} as const;

const outcomeWords = {
  passed: 'passed',
  failed: 'FAILED',
  skipped: 'not done',
  'not-applicable': 'does not apply',
} as const;

/** The report as one page for people: nothing outside of it is needed to read or print it. */
export function reportPage(report: CommissioningReport, photographs: readonly Photograph[]): string {
  const { site, gateway, technician, instrument, verdict, reservations, devices, emulated } = report;
  const title = `Commissioning of ${site.title}`;
  const body = [
    `<header><p class="kind">Commissioning report${emulated === true ? ' of emulated devices: nothing was measured on a site' : ''}</p><h1>${escaped(site.title)}</h1><p class="verdict ${verdict}">${verdictWords[verdict]}</p></header>`,
    '<section class="facts">',
    facts([
      ['Gateway', gateway.id],
      ['Site', site.id ?? 'not told by a head-end'],
      ['Technician', [technician.name, technician.organisation].filter(Boolean).join(', ')],
      ['Instrument', instrument === undefined ? 'none was named' : instrumentWords(instrument)],
      ['Begun', timeWords(report.startedAtMs)],
      ['Ended', timeWords(report.finishedAtMs)],
      ['Agent', `${gateway.firmware}${gateway.readOnly ? ', read-only' : ''}`],
      ['Hash of the configuration', gateway.configurationHash, 'code'],
      ['Report', report.id, 'code'],
    ]),
    '</section>',
    reservations.length === 0
      ? ''
      : `<section class="reservations"><h2>Reservations</h2><ul>${reservations.map((each) => `<li>${escaped(each)}</li>`).join('')}</ul></section>`,
    deviceTable(devices),
    summary(report.items),
    ...[...devices.map(({ id }) => id), undefined].map((deviceId) => itemsOf(report, deviceId)),
    photographPages(photographs),
    signatures(technician.name),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head><body>${body.filter((part) => part !== '').join('\n')}</body></html>\n`;
}

function facts(rows: readonly (readonly [string, string, 'code'?])[]): string {
  const row = ([name, value, how]: (typeof rows)[number]): string =>
    `<div><dt>${name}</dt><dd${how === undefined ? '' : ' class="code"'}>${escaped(value)}</dd></div>`;
  return `<dl>${rows.map(row).join('')}</dl>`;
}

function instrumentWords({
  name,
  serialNumber,
  accuracy,
  calibratedOn,
}: NonNullable<CommissioningReport['instrument']>): string {
  const parts = [
    name,
    serialNumber === undefined ? undefined : `no. ${serialNumber}`,
    accuracy,
    calibratedOn === undefined ? undefined : `calibrated ${calibratedOn}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

/** UTC, and said so: a report is read in other places than it was made. */
const timeWords = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

function deviceTable(devices: CommissioningReport['devices']): string {
  const rows = devices.map(
    (each) =>
      `<tr><th scope="row">${escaped(each.id)}${each.title === undefined ? '' : `<br><small>${escaped(each.title)}</small>`}</th><td>${escaped([each.manufacturer, each.model].filter(Boolean).join(' ') || 'never identified')}</td><td>${escaped(each.serialNumber ?? 'not told')}</td><td>${ratings(each)}</td><td>${escaped(each.profile)}<br><span class="code">${escaped(each.profileHash)}</span></td></tr>`,
  );
  return `<section><h2>Devices</h2><table><thead><tr><th>Device</th><th>Make and model</th><th>Serial number</th><th>Rating</th><th>Profile and its hash</th></tr></thead><tbody>${rows.join('')}</tbody></table></section>`;
}

function ratings({ ratedPowerW, ratedCurrentA, switchRatingA }: CommissioningReport['devices'][number]): string {
  const parts = [
    ratedPowerW === undefined ? undefined : `${plain(ratedPowerW / 1000)} kW`,
    ratedCurrentA === undefined ? undefined : `${plain(ratedCurrentA)} A`,
    switchRatingA === undefined ? undefined : `switch ${plain(switchRatingA)} A`,
  ];
  return parts.filter((part) => part !== undefined).join(', ') || 'not told';
}

function summary(items: readonly ReportItem[]): string {
  const count = (outcome: ReportItem['outcome']): number => items.filter((item) => item.outcome === outcome).length;
  const parts = (['passed', 'failed', 'skipped', 'not-applicable'] as const)
    .filter((outcome) => count(outcome) > 0)
    .map((outcome) => `${count(outcome)} ${outcomeWords[outcome].toLowerCase()}`);
  return `<p class="summary">${items.length} items: ${parts.join(', ')}.</p>`;
}

function itemsOf({ items, startedAtMs }: CommissioningReport, deviceId: string | undefined): string {
  const own = items.filter((item) => item.deviceId === deviceId);
  if (own.length === 0) return '';
  return `<section><h2>${deviceId === undefined ? 'Gateway and line' : escaped(deviceId)}</h2>${own.map((item) => itemPart(item, startedAtMs)).join('\n')}</section>`;
}

function itemPart(item: ReportItem, startedAtMs: number): string {
  const word = item.accepted === true ? 'accepted' : outcomeWords[item.outcome];
  const when =
    item.atMs >= startedAtMs && item.attempts > 0
      ? `${timeWords(item.atMs)}, took ${plain(item.tookMs / 1000)} s${item.attempts > 1 ? `, attempt ${item.attempts}` : ''}`
      : '';
  return [
    `<article class="item"><h3><span class="outcome ${item.accepted === true ? 'accepted' : item.outcome}">${word}</span> ${escaped(item.title)}${item.required ? '' : ' <small>(optional)</small>'}</h3>`,
    item.say === item.reason ? '' : `<p>${escaped(item.say)}</p>`,
    item.reason === undefined ? '' : `<p class="reason"><b>${reasonWords(item)}:</b> ${escaped(item.reason)}</p>`,
    measurements(item.measured),
    item.plot === undefined ? '' : drawPlot(item.plot),
    when === '' && item.commandIds === undefined
      ? ''
      : `<p class="when">${when}${(item.commandIds ?? []).length === 0 ? '' : ` · commands <span class="code">${(item.commandIds ?? []).map((id) => escaped(id.replace('commissioning-', '').slice(0, 8))).join(' ')}</span>`}</p>`,
    '</article>',
  ]
    .filter((part) => part !== '')
    .join('');
}

function reasonWords({ accepted, outcome }: ReportItem): string {
  if (accepted === true) return 'Accepted because';
  return outcome === 'failed' ? 'Failed, and not passed since' : 'Not done because';
}

function measurements(measured: readonly ReportMeasurement[]): string {
  if (measured.length === 0) return '';
  const isCompared = measured.some(({ instrumentValue }) => instrumentValue !== undefined);
  const rows = measured.map((each) => {
    const cells = [
      escaped(pointWords(each.point)),
      measuredWords(each),
      ...(isCompared
        ? [each.instrumentValue === undefined ? '' : `${plain(each.instrumentValue)} ${escaped(each.unit ?? '')}`]
        : []),
      escaped(each.expected ?? ''),
      each.met === undefined ? '' : { yes: 'yes', no: 'NO', unknown: 'unknown' }[each.met],
    ];
    return `<tr${each.met === 'no' ? ' class="bad"' : ''}>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  const heads = ['', 'Measured', ...(isCompared ? ['Instrument'] : []), 'Expected', 'As expected'];
  return `<table class="measured"><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function measuredWords({ value, word, unit, expected }: ReportMeasurement): string {
  if (value !== undefined) return `${plain(value)}${unit === undefined ? '' : ` ${escaped(unit)}`}`;
  return word === undefined ? (expected === undefined ? '' : 'unknown') : escaped(word);
}

function photographPages(photographs: readonly Photograph[]): string {
  if (photographs.length === 0) return '';
  const figures = photographs.map(
    ({ name, mediaType, sha256, bytes }) =>
      `<figure class="photograph"><img alt="${escaped(name)}" src="data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}"><figcaption>${escaped(name)} · SHA-256 <span class="code">${sha256}</span></figcaption></figure>`,
  );
  return `<section><h2>Photographs</h2>${figures.join('')}</section>`;
}

function signatures(technician: string): string {
  return `<section class="signatures"><div><p></p>Place and date</div><div><p></p>${escaped(technician)}</div><div><p></p>For the operator of the grid</div></section>`;
}

const style = `
@page{size:A4;margin:16mm 15mm}
*{box-sizing:border-box}
body{font:13px/1.45 "Helvetica Neue",Arial,"Liberation Sans",sans-serif;color:#1a1a1a;max-width:760px;margin:24px auto;padding:0 16px;background:#fff}
header{border-bottom:2px solid #1a1a1a;display:grid;grid-template-columns:1fr auto;align-items:end;padding-bottom:8px}
.kind{grid-column:1/-1;margin:0;font-size:12px;letter-spacing:.08em;text-transform:uppercase;color:#555}
h1{font-size:24px;margin:0}h2{font-size:16px;margin:26px 0 8px;border-bottom:1px solid #999;padding-bottom:3px}h3{font-size:13.5px;margin:0 0 4px}
.verdict{margin:0;font-size:16px;font-weight:700;padding:4px 12px;border:2px solid}
.verdict.passed{color:#1d5c28}.verdict.passed-with-reservations{color:#7a5200}.verdict.failed{color:#a01515}.verdict.incomplete{color:#444;border-style:dashed}
dl{display:grid;grid-template-columns:1fr 1fr;gap:4px 24px;margin:14px 0}dl div{display:grid;grid-template-columns:150px 1fr}dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
.code{font-family:"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:11px}
.reservations{border-left:4px solid #7a5200;padding-left:14px}.reservations h2{border:0;margin-top:14px}ul{margin:4px 0;padding-left:18px}
table{border-collapse:collapse;width:100%;margin:6px 0}th,td{text-align:left;vertical-align:top;padding:3px 8px 3px 0;border-bottom:1px solid #ddd;font-weight:400}thead th{color:#555;font-size:11.5px;border-bottom:1px solid #999}tbody th{font-weight:700}
.measured{font-size:12px}.measured th:first-child{width:32%}.measured td:nth-child(n+2){font-variant-numeric:tabular-nums}tr.bad td{font-weight:700;color:#a01515}
.item{padding:9px 0 7px;border-bottom:1px solid #ccc;break-inside:avoid}.item p{margin:2px 0}.summary{color:#555}
.outcome{display:inline-block;min-width:92px;font-size:11.5px;padding:0 6px;border:1px solid;margin-right:6px;text-align:center}
.outcome.passed{color:#1d5c28}.outcome.failed{color:#fff;background:#a01515;border-color:#a01515}.outcome.accepted,.outcome.skipped{color:#7a5200}.outcome.not-applicable{color:#666;border-style:dashed}
.when{color:#666;font-size:11.5px}small{color:#666;font-weight:400}
figure{margin:8px 0;break-inside:avoid}figcaption{font-size:11.5px;color:#555;overflow-wrap:anywhere}svg{width:100%;height:auto;font:10px Arial,sans-serif}
.grid{stroke:#ddd}.mark{stroke:#888;stroke-dasharray:3 3}.said{fill:#444}
.photograph img{max-width:100%;max-height:220mm;border:1px solid #999}
.signatures{display:grid;grid-template-columns:repeat(3,1fr);gap:24px;margin-top:56px;break-inside:avoid}.signatures div{font-size:11.5px;color:#555}.signatures p{border-bottom:1px solid #1a1a1a;height:34px;margin:0 0 4px}
@media print{body{margin:0;padding:0;max-width:none}}
@media(max-width:600px){dl{grid-template-columns:1fr}.signatures{grid-template-columns:1fr}}
`.replace(/\n/g, '');
