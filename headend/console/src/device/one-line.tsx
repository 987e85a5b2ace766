import type { JSX } from 'react';
import type { FleetRow, StatusPoint } from '../../../src/api/contract.ts';
import type { Freshness } from '../live/freshness.ts';
import { words } from '../words/labels.ts';
import { quantityText } from '../words/quantity.ts';
import { oneLineOf } from './one-line-model.ts';
import type { Contact, OneLine, Voltage } from './one-line-model.ts';

const voltageWords: Readonly<Record<Voltage, string>> = {
  live: 'voltage present',
  dead: 'no voltage',
  unknown: 'not known',
};
const flowWords: Readonly<Record<OneLine['flow'], string>> = {
  'to-grid': 'to the grid',
  'from-grid': 'from the grid',
  none: 'no flow',
  unknown: 'flow not known',
};

/** Grid, switch or breaker, and source or load. Thick is energised, thin is dead, dashed is not known. */
export function OneLineDiagram({
  row,
  status,
  freshness,
}: {
  row: FleetRow;
  status: readonly StatusPoint[];
  freshness: Freshness;
}): JSX.Element {
  if (row.kind === 'load-control') return <RelayDiagram row={row} freshness={freshness} />;
  const line = oneLineOf(row, status);
  const contactWord =
    line.contact === 'unknown' ? 'not known' : line.contact === 'none' ? 'measures only' : line.contact;
  const say = `Grid: ${voltageWords[line.grid]}. ${line.contactName}: ${contactWord}. ${line.farName}: ${voltageWords[line.far]}. ${flowWords[line.flow]}.`;
  return (
    <figure
      className={`one-line ${freshness === 'live' ? '' : 'not-live'}`}
      aria-label={freshness === 'live' ? say : `Last known: ${say}`}
    >
      <svg viewBox="0 0 560 176" aria-hidden="true">
        <Conductor from={50} to={212} voltage={line.grid} />
        <Conductor from={268} to={430} voltage={line.far} />
        <path d="M50 28v88" className={`bus ${line.grid}`} />
        <ContactSymbol contact={line.contact} />
        <FarEnd line={line} running={row.operatingState === 'running' || row.operatingState === 'throttled'} />
        <FlowArrow flow={line.flow} />
        <Caption x={50} title="grid" say={voltageWords[line.grid]} />
        <Caption x={240} title={line.contactName} say={contactWord} strong />
        <Caption
          x={462}
          title={line.farName}
          say={line.farKind === 'load' ? voltageWords[line.far] : words(row.operatingState ?? 'not known')}
        />
        {line.farKind !== 'load' && (
          <text x={350} y={52} className="note">
            {voltageWords[line.far]}
          </text>
        )}
        <text x={131} y={52} className="note">
          {line.flow === 'none' || line.flow === 'unknown'
            ? flowWords[line.flow]
            : quantityText(Math.abs(row.activePowerW ?? 0), 'W')}
        </text>
      </svg>
      {freshness !== 'live' && <figcaption>Last known state, not live</figcaption>}
    </figure>
  );
}

function Caption({
  x,
  title,
  say,
  strong = false,
}: {
  x: number;
  title: string;
  say: string;
  strong?: boolean;
}): JSX.Element {
  return (
    <>
      <text x={x} y={142} className="caption">
        {title}
      </text>
      <text x={x} y={162} className={strong ? 'said strong' : 'said'}>
        {say}
      </text>
    </>
  );
}

function Conductor({
  from,
  to,
  voltage,
  y = 72,
}: {
  from: number;
  to: number;
  voltage: Voltage;
  y?: number;
}): JSX.Element {
  return <path d={`M${from} ${y}H${to}`} className={`conductor ${voltage}`} />;
}

function ContactSymbol({ contact }: { contact: Contact }): JSX.Element {
  if (contact === 'none') {
    return (
      <g className="body live">
        <path d="M212 72h56" className="conductor live" />
        <circle cx="240" cy="72" r="26" />
        <text x="240" y="80" className="query">
          M
        </text>
      </g>
    );
  }
  return (
    <g className={`contact ${contact}`}>
      <rect x="212" y="44" width="56" height="56" />
      {contact === 'closed' && <path d="M222 72h36" />}
      {contact === 'open' && <path d="M240 54v36" />}
      {contact === 'moving' && <path d="m226 86 28-28" />}
      {contact === 'failed' && <path d="m224 56 32 32m0-32-32 32" />}
      {contact === 'unknown' && (
        <text x="240" y="82" className="query">
          ?
        </text>
      )}
    </g>
  );
}

function FarEnd({ line, running }: { line: OneLine; running: boolean }): JSX.Element {
  if (line.farKind === 'load') return <path d="M434 100V62l28-24 28 24v38Z" className={`body ${line.far}`} />;
  return (
    <g className={`body ${line.far} ${running ? 'running' : ''}`}>
      <circle cx="462" cy="72" r="32" />
      {line.farKind === 'generator' ? (
        <path className="glyph" d="M444 73c6-16 12-16 18 0s12 16 18 0" />
      ) : (
        <path className="glyph" d="M448 60h28M455 68h14M448 78h28M455 86h14" />
      )}
    </g>
  );
}

function FlowArrow({ flow }: { flow: OneLine['flow'] }): JSX.Element | null {
  if (flow === 'none' || flow === 'unknown') return null;
  const way = flow === 'to-grid' ? 'm138 61-15 11 15 11Z' : 'm124 61 15 11-15 11Z';
  return <path d={way} className="flow" />;
}

function RelayDiagram({ row, freshness }: { row: FleetRow; freshness: Freshness }): JSX.Element {
  const relays = [row.relay1, row.relay2, row.relay3, row.relay4];
  const say = relays.map((state, place) => `relay ${place + 1} ${state ?? 'not known'}`).join(', ');
  return (
    <figure
      className={`one-line ${freshness === 'live' ? '' : 'not-live'}`}
      aria-label={freshness === 'live' ? say : `Last known: ${say}`}
    >
      <svg viewBox="0 0 560 176" aria-hidden="true">
        {relays.map((state, place) => {
          const x = 95 + place * 124;
          const contact = state === undefined ? 'unknown' : state === 'on' ? 'closed' : 'open';
          return (
            <g key={x}>
              <g transform={`translate(${x - 240} 0)`}>
                <ContactSymbol contact={contact} />
              </g>
              <Caption x={x} title={`relay ${place + 1}`} say={state ?? 'not known'} strong />
            </g>
          );
        })}
      </svg>
      {freshness !== 'live' && <figcaption>Last known state, not live</figcaption>}
    </figure>
  );
}
