/**
 * A conductor by CIM's SinglePhaseKind: `s1` and `s2` are the two live wires of a split-phase secondary, `N` is the neutral, which is
 * grounded wherever this model does not say otherwise.
 */
export type Phase = (typeof phaseOrder)[number];

export const phaseOrder = ['A', 'B', 'C', 's1', 's2', 'N'] as const;

/** The wires that carry supply; N only returns it. */
export const livePhases = ['A', 'B', 'C', 's1', 's2'] as const satisfies readonly Phase[];

export function isPhase(text: string): text is Phase {
  return (phaseOrder as readonly string[]).includes(text);
}

/** In the usual order, each once: `ABC`, `s1s2`. */
export function phaseCode(phases: Iterable<Phase>): string {
  const asked = new Set(phases);
  return phaseOrder.filter((phase) => asked.has(phase)).join('');
}

/** The phases of a code as CIM's PhaseCode and OrderedPhaseCodeKind write it (`ABCN`, `s12N`, `Ns2`), in the written order. */
export function phasesOf(code: string): readonly Phase[] | undefined {
  const phases: Phase[] = [];
  let rest = code === 'none' ? '' : code.replace('s12', 's1s2').replace('s21', 's2s1');
  while (rest !== '') {
    const phase = phaseOrder.find((each) => rest.startsWith(each));
    if (phase === undefined) return undefined;
    phases.push(phase);
    rest = rest.slice(phase.length);
  }
  return phases;
}
