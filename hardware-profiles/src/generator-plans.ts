import type { Condition, Step } from './profile.ts';

// What the plans of generator controllers have in common, whatever their registers are.

/** Wide enough for 50 and 60 Hz; the narrow window is the controller's own synchroniser's. */
export const voltageAtFrequency: readonly Condition[] = [
  { point: 'voltageV', above: 90 },
  { point: 'frequencyHz', above: 45 },
  { point: 'frequencyHz', below: 66 },
];
export const running: readonly Condition[] = [{ point: 'operatingState', is: 'running' }, ...voltageAtFrequency];
export const breakerOpen: Condition = { point: 'breakerState', is: 'open' };
export const noPower: Condition = { point: 'activePowerW', below: 500, orBelowRated: 0.01 };
export const noCurrent: readonly Condition[] = [{ point: 'currentA', below: 2, orBelowRated: 0.01 }, noPower];
export const atRest: readonly Condition[] = [
  { point: 'operatingState', is: 'off' },
  { point: 'voltageV', below: 50 },
  ...noCurrent,
];
/** Closed by its own synchroniser onto a bus that was live. */
export const closedOntoBus: readonly Condition[] = [
  { point: 'breakerState', is: 'closed' },
  { point: 'busVoltageV', above: 90 },
];

export const breakerOpenFirst: Step = {
  do: 'require',
  that: [breakerOpen],
  reason: 'state-unknown',
  say: 'The generator breaker does not read open.',
};
export const busLiveFirst: Step = {
  do: 'require',
  that: [{ point: 'busVoltageV', above: 90 }],
  reason: 'sync-not-permitted',
  say: 'The bus is not measured live: there is nothing to synchronise with.',
};

/** `that`: how this controller tells that its generator runs with voltage and frequency. */
export function startedFirst(that: readonly Condition[]): Step {
  return {
    do: 'require',
    that,
    reason: 'not-running',
    say: 'The generator does not run with voltage and frequency: start it first.',
  };
}

/** All three phases, for one that still lives is enough to be joined to. `what` cannot synchronise. */
export function mainsDeadFirst(what: 'controller' | 'module'): Step {
  return {
    do: 'require',
    that: [
      { point: 'busVoltageV', below: 24 },
      { point: 'set:mainsVoltageBV', below: 24 },
      { point: 'set:mainsVoltageCV', below: 24 },
    ],
    reason: 'load-side-live',
    say: `The mains is not measured dead, and this ${what} cannot synchronise: change over on site.`,
  };
}

/** After the order to close: the decision when is the controller's own. */
export const untilSynchronised: Step = {
  do: 'await',
  until: [{ point: 'breakerState', is: 'closed' }],
  withinMs: 120_000,
  say: "The controller's own synchroniser did not close within two minutes: look at its alarms, or disconnect",
  otherwise: 'sync-not-permitted',
};
