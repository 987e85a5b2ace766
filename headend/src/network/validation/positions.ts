import type { ACLineSegment } from '../model/equipment.ts';
import type { Finding } from '../model/finding.ts';
import type { Network, Position } from '../model/network.ts';
import { listed, told } from './told.ts';

const earthRadiusM = 6_371_000;

/** On the sphere, good to half a per cent. */
export function distanceM(from: Position, to: Position): number {
  const radian = Math.PI / 180;
  const middle = ((from.y + to.y) / 2) * radian;
  const [dx, dy] = [(to.x - from.x) * radian * Math.cos(middle), (to.y - from.y) * radian];
  return earthRadiusM * Math.hypot(dx, dy);
}

/** Coordinates that are missing, are none on the globe, or that a line of its length cannot span. */
export function checkPositions(network: Network): Finding[] {
  if (network.header.coordinates === 'none') return [];
  const nodes = [...network.nodes.values()];
  const without = nodes.filter(({ position }) => position === undefined);
  const findings: Finding[] = [];
  const [first] = without;
  if (first !== undefined) {
    const which =
      without.length === 1
        ? 'has no coordinates'
        : `has no coordinates, nor have ${listed(without.slice(1).map(({ id }) => id))}`;
    findings.push(
      told(
        'warning',
        'no-position',
        first,
        which,
        without.slice(1).map(({ id }) => id),
      ),
    );
  }
  if (network.header.coordinates !== 'geographic') return findings;
  for (const node of nodes) {
    const { position } = node;
    if (position !== undefined && !(Math.abs(position.x) <= 180 && Math.abs(position.y) <= 90))
      findings.push(
        told(
          'error',
          'absurd-position',
          node,
          `longitude ${position.x} and latitude ${position.y} are nowhere: are they the wrong way round?`,
        ),
      );
  }
  return [...findings, ...checkSpans(network)];
}

const tooMany = 0.05;

/** Where many lines do not fit, it is the drawing that has another scale, and one sentence says so. */
function checkSpans(network: Network): Finding[] {
  const lines = [...network.equipment.values()].filter((equipment) => equipment.kind === 'ACLineSegment');
  const findings = lines.flatMap((line) => checkSpan(network, line));
  if (findings.length < 20 || findings.length < tooMany * lines.length) return findings;
  const say = `${findings.length} of ${lines.length} lines are shorter than the straight way between their ends, as ${findings[0]?.elements?.[0] ?? ''}: are the coordinates drawn to another scale than the ground?`;
  return [
    { severity: 'warning', code: 'absurd-length', say, elements: findings.flatMap(({ elements }) => elements ?? []) },
  ];
}

/** A line may wind, so that longer says nothing; the shortest way is the straight one. */
function checkSpan(network: Network, line: ACLineSegment): Finding[] {
  const [from, to] = line.terminals.map(({ node }) => network.nodes.get(node)?.position);
  if (from === undefined || to === undefined) return [];
  const straight = distanceM(from, to);
  if (straight < 50 || line.lengthM > straight * 0.8) return [];
  return [
    told(
      'warning',
      'absurd-length',
      line,
      `is ${Math.round(line.lengthM)} m long and spans ${Math.round(straight)} m: is its unit right, or a coordinate wrong?`,
    ),
  ];
}
