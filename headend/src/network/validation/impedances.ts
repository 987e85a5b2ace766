import type { ACLineSegment, PowerTransformer } from '../model/equipment.ts';
import type { Finding } from '../model/finding.ts';
import type { Network, PhaseImpedance } from '../model/network.ts';
import { told } from './told.ts';

const longestKm = 200;

/** Impedances with which a power flow could not be reckoned, or would be wrong. */
export function checkImpedances(network: Network): Finding[] {
  const findings = [...network.impedances.values()].flatMap(checkMatrix);
  for (const equipment of network.equipment.values()) {
    if (equipment.kind === 'ACLineSegment') findings.push(...checkLine(network, equipment));
    else if (equipment.kind === 'PowerTransformer') findings.push(...checkTransformer(equipment));
    else if (
      equipment.kind === 'SeriesCompensator' &&
      equipment.xOhm.every((row, at) => row[at] === 0 && equipment.rOhm[at]?.[at] === 0)
    )
      findings.push(told('error', 'zero-impedance', equipment, 'has no impedance'));
  }
  return findings;
}

function checkMatrix(impedance: PhaseImpedance): Finding[] {
  const { rOhmPerM, xOhmPerM, bSiemensPerM } = impedance;
  const matrices = [rOhmPerM, xOhmPerM, bSiemensPerM];
  if (matrices.some((matrix) => matrix.some((row) => row.some((value) => !Number.isFinite(value)))))
    return [told('error', 'absurd-impedance', impedance, 'has a value that is no number')];
  if (
    matrices.some((matrix) => matrix.length !== rOhmPerM.length || matrix.some((row) => row.length !== matrix.length))
  )
    return [told('error', 'absurd-impedance', impedance, 'has matrices that are not square or not of one size')];
  if (matrices.some((matrix) => !isSymmetric(matrix)))
    return [told('error', 'absurd-impedance', impedance, 'is not symmetric')];
  if (rOhmPerM.some((row, at) => (row[at] ?? 0) < 0))
    return [told('error', 'absurd-impedance', impedance, 'has a negative resistance')];
  return [];
}

function isSymmetric(matrix: readonly (readonly number[])[]): boolean {
  return matrix.every((row, at) =>
    row.every(
      (value, column) => Math.abs(value - (matrix[column]?.[at] ?? NaN)) <= 1e-9 * Math.max(1e-9, Math.abs(value)),
    ),
  );
}

function checkLine(network: Network, line: ACLineSegment): Finding[] {
  if (!(line.lengthM > 0)) return [told('error', 'zero-impedance', line, `has a length of ${line.lengthM} m`)];
  if (line.lengthM > longestKm * 1_000)
    return [
      told('warning', 'absurd-length', line, `is ${Math.round(line.lengthM / 1_000)} km long: is its unit right?`),
    ];
  const impedance = network.impedances.get(line.impedance);
  const isZero = impedance?.rOhmPerM.some((row, at) => row[at] === 0 && impedance.xOhmPerM[at]?.[at] === 0);
  return isZero === true
    ? [told('error', 'zero-impedance', line, `has a conductor without impedance (${line.impedance})`, [line.impedance])]
    : [];
}

function checkTransformer(transformer: PowerTransformer): Finding[] {
  const { reactancePu, ends } = transformer;
  if (reactancePu.length !== (ends.length * (ends.length - 1)) / 2)
    return [
      told(
        'error',
        'absurd-impedance',
        transformer,
        `has ${ends.length} windings and ${reactancePu.length} reactances between them`,
      ),
    ];
  const isZero = reactancePu.some((value) => value === 0) && ends.every(({ resistancePu }) => resistancePu === 0);
  return isZero ? [told('error', 'zero-impedance', transformer, 'has windings without impedance')] : [];
}
