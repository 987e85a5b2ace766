import { no, yes } from '@tiepoint/protocol';
import type { CommandKind, CommandParameters, DeviceLimits, Verdict } from '@tiepoint/protocol';
import type { Contract, SiteState } from '@tiepoint/protocol/field';
import { anybody } from './order-book.ts';

/** Where a device stands with the utility. Undefined for one that nobody entered. */
export type Standing =
  | {
      readonly siteId: string;
      readonly state: SiteState;
      /** Why the site is not in service; empty when it is. */
      readonly missing: readonly string[];
      readonly contracts: readonly Contract[];
    }
  | undefined;

export type CommandWanted = {
  readonly deviceId: string;
  readonly isAas: boolean;
  readonly limits: DeviceLimits;
  readonly kind: CommandKind;
  /** Absent: not chosen yet. */
  readonly parameters?: CommandParameters;
  /** Absent: nobody in particular, as for a button that is only shown. */
  readonly operator?: string;
  /** `2026-03-31`, where the head-end stands. */
  readonly today: string;
};

/**
 * May this be commanded at all? Only what was entered, at a site in service; an AAS, and whatever else has a contract, only under one
 * that is in force, by those whom it names, and within its limits. What is unknown refuses.
 */
export function mayUnderContract(standing: Standing, wanted: CommandWanted): Verdict {
  const { deviceId, isAas, today } = wanted;
  if (standing === undefined)
    return no('not-in-service', `Nobody has entered ${deviceId}: enter or import its site, and commission it.`);
  const { siteId, state, missing, contracts } = standing;
  if (state !== 'in-service') {
    const why = missing[0] === undefined ? '' : ` ${missing[0]}`;
    return no('not-in-service', `Site ${siteId} is ${state}, not in service.${why}`);
  }
  if (!isAas && contracts.length === 0) return yes;
  const inForce = contracts.filter((each) => isInForce(each, today));
  if (inForce.length === 0) {
    const had = contracts.length === 0 ? 'it has none' : contracts.map(timeOf).join('; ');
    return no('no-contract', `${deviceId} is commanded only under a contract in force today (${today}): ${had}.`);
  }
  const verdicts = inForce.map((contract) => mayUnder(contract, wanted));
  return verdicts.find(({ ok }) => ok) ?? verdicts[0] ?? yes;
}

export function isInForce({ fromDay, toDay }: Contract, today: string): boolean {
  return fromDay <= today && (toDay === undefined || today <= toDay);
}

function mayUnder(contract: Contract, { kind, operator, parameters, limits, deviceId }: CommandWanted): Verdict {
  const { id, operators, commands } = contract;
  if (operator !== undefined && !operators.includes(anybody) && !operators.includes(operator))
    return no('no-contract', `Contract ${id} lets ${operators.join(', ')} command ${deviceId}, not ${operator}.`);
  if (commands !== undefined && !commands.includes(kind))
    return no('no-contract', `Contract ${id} allows ${commands.join(', ')} at ${deviceId}, not ${kind}.`);
  return parameters?.limitPct === undefined ? yes : withinLimits(contract, parameters.limitPct, limits, deviceId);
}

function withinLimits(
  { id, ratedPowerW, maxPowerW = ratedPowerW, ratedCurrentA }: Contract,
  limitPct: number,
  limits: DeviceLimits,
  deviceId: string,
): Verdict {
  const caps = [
    { unit: 'W', cap: maxPowerW, rated: limits.ratedPowerW },
    { unit: 'A', cap: ratedCurrentA, rated: limits.ratedCurrentA },
  ];
  for (const { unit, cap, rated } of caps) {
    if (cap === undefined) continue;
    if (rated === undefined)
      return no(
        'out-of-limits',
        `${deviceId} does not tell its rating in ${unit}, so ${limitPct} % of it cannot be held against contract ${id}.`,
      );
    const allowed = (limitPct / 100) * rated;
    if (allowed > cap * (1 + roundingShare))
      return no(
        'out-of-limits',
        `${limitPct} % of ${deviceId} is ${round(allowed)} ${unit}; contract ${id} allows ${round(cap)} ${unit}, ${Math.floor((cap / rated) * 1_000) / 10} %.`,
      );
  }
  return yes;
}

/** Ratings travel in steps of 1 W and 0.1 A. */
const roundingShare = 1e-3;
const round = (value: number): number => Math.round(value * 10) / 10;
const timeOf = ({ id, fromDay, toDay }: Contract): string =>
  `${id} runs from ${fromDay}${toDay === undefined ? '' : ` to ${toDay}`}`;
