import type { JSX } from 'react';
import type { CircuitResponse } from '../../../src/api/network-contract.ts';
import { layOut } from './diagram-layout.ts';
import type { PlacedSegment, PlacedSwitch } from './diagram-layout.ts';
import { switchStateWords } from './words.ts';

const size = { column: 132, row: 42, left: 76, top: 30, bar: 74 } as const;

type Props = {
  circuit: CircuitResponse;
  chosen: string | undefined;
  onSegment: (id: string) => void;
  onSwitch: (id: string) => void;
};

/** The circuit as a one-line diagram: segments as bars, switches as they stand. Closed is filled, open is hollow and turned. */
export function OneLineDiagram({ circuit, chosen, onSegment, onSwitch }: Props): JSX.Element {
  const layout = layOut(circuit);
  const width = size.left + layout.columns * size.column + 40;
  const height = size.top + layout.rows * size.row + 16;
  if (layout.segments.length === 0)
    return <p className="quiet-text">Nothing is known of what feeds this circuit, so it cannot be drawn.</p>;
  return (
    <div className="one-line-scroll">
      <svg className="circuit-line" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <Source head={layout.head} first={layout.segments[0]} onSwitch={onSwitch} />
        {layout.switches.map((each) => (
          <Joint key={each.drawn.id} joint={each} circuit={circuit.id} onSwitch={onSwitch} />
        ))}
        {layout.segments.map((each) => (
          <Bar
            key={each.segment.id}
            placed={each}
            fed={each.segment.circuit === circuit.id}
            chosen={each.segment.id === chosen}
            onSegment={onSegment}
          />
        ))}
      </svg>
    </div>
  );
}

const xOf = (column: number): number => size.left + column * size.column;
const yOf = (row: number): number => size.top + row * size.row;

function Bar({
  placed: { segment, column, row },
  fed,
  chosen,
  onSegment,
}: {
  placed: PlacedSegment;
  fed: boolean;
  chosen: boolean;
  onSegment: (id: string) => void;
}): JSX.Element {
  const [x, y] = [xOf(column), yOf(row)];
  const told = `${segment.customers} customers, ${segment.transformers} transformers, ${segment.lengthM} m`;
  return (
    <g className={`bar-segment${fed ? '' : ' unfed'}${chosen ? ' chosen' : ''}`}>
      <line x1={x} y1={y} x2={x + size.bar} y2={y} />
      <text x={x + size.bar / 2} y={y - 9} textAnchor="middle">
        {segment.customers}
      </text>
      <a
        href={`#segment-${segment.id}`}
        aria-label={`Segment ${segment.title}: ${told}${fed ? '' : ', without supply'}`}
        onClick={(event) => {
          event.preventDefault();
          onSegment(segment.id);
        }}
      >
        <title>{`${segment.title}: ${told}`}</title>
        <rect x={x} y={y - 22} width={size.bar} height={32} fill="transparent" />
      </a>
    </g>
  );
}

function Source({
  head,
  first,
  onSwitch,
}: {
  head: PlacedSwitch['drawn'] | undefined;
  first: PlacedSegment | undefined;
  onSwitch: (id: string) => void;
}): JSX.Element {
  const y = yOf(first?.row ?? 0);
  return (
    <g>
      <path className="wire" d={`M18 ${y - 16}v32M18 ${y}H${size.left}`} />
      {head !== undefined && <Symbol drawn={head} x={46} y={y} onSwitch={onSwitch} />}
    </g>
  );
}

function Joint({
  joint: { drawn, from, to, row, beyond },
  circuit,
  onSwitch,
}: {
  joint: PlacedSwitch;
  circuit: string;
  onSwitch: (id: string) => void;
}): JSX.Element {
  const x = xOf(from.column) + size.bar;
  const y = yOf(from.row);
  if (to === undefined) {
    const end = x + size.column - size.bar;
    const where =
      beyond?.circuit === undefined ? 'no supply' : beyond.circuit === circuit ? beyond.title : beyond.circuit;
    return (
      <g>
        <path className="wire faint" d={`M${x} ${y}h12V${yOf(row)}H${end}`} />
        <Symbol drawn={drawn} x={x + 35} y={yOf(row)} onSwitch={onSwitch} />
        <text className="beyond" x={end + 4} y={yOf(row) + 4}>
          {where}
        </text>
      </g>
    );
  }
  const [toX, toY] = [xOf(to.column), yOf(to.row)];
  const isBack = to.column <= from.column;
  const knee = x + 12;
  return (
    <g>
      <path
        className={`wire${drawn.state === 'open' ? ' faint' : ''}`}
        d={`M${x} ${y}H${knee}V${toY}H${isBack ? toX + size.bar : toX}`}
      />
      <Symbol drawn={drawn} x={isBack ? knee : toX - 23} y={isBack ? (y + toY) / 2 : toY} onSwitch={onSwitch} />
    </g>
  );
}

function Symbol({
  drawn,
  x,
  y,
  onSwitch,
}: {
  drawn: PlacedSwitch['drawn'];
  x: number;
  y: number;
  onSwitch: (id: string) => void;
}): JSX.Element {
  const isAbnormal = (drawn.state === 'open') !== drawn.normalOpen;
  const say = `${drawn.type} ${drawn.name}: ${switchStateWords[drawn.state]}${isAbnormal ? ', normally otherwise' : ''}`;
  return (
    <a
      href={`#switch-${drawn.id}`}
      className={`symbol ${drawn.state}${isAbnormal ? ' abnormal' : ''}`}
      aria-label={say}
      onClick={(event) => {
        event.preventDefault();
        onSwitch(drawn.id);
      }}
    >
      <title>{say}</title>
      <rect x={x - 12} y={y - 14} width={24} height={28} fill="transparent" stroke="none" />
      {drawn.type === 'Fuse' ? (
        <>
          <rect className="body" x={x - 9} y={y - 5} width={18} height={10} rx={2} />
          {drawn.state !== 'open' && <line x1={x - 9} y1={y} x2={x + 9} y2={y} />}
        </>
      ) : (
        <rect
          className="body"
          x={x - 7}
          y={y - 7}
          width={14}
          height={14}
          transform={drawn.state === 'open' ? `rotate(45 ${x} ${y})` : undefined}
        />
      )}
    </a>
  );
}
