import type { DssObject } from './object-book.ts';
import { connectionOf } from './object-reader.ts';
import type { ObjectReader } from './object-reader.ts';
import { countOf, numberOf, numbersOf, wordsOf } from './values.ts';
import type { Assignment } from './object-book.ts';

export type Winding = {
  bus: string;
  connection: 'wye' | 'delta';
  kv: number;
  kva: number;
  resistancePu: number;
  tapPu: number;
  minTapPu: number;
  maxTapPu: number;
  tapCount: number;
  neutralR: number | undefined;
  neutralX: number | undefined;
};

/** What a transformer's or an XfmrCode's assignments came to, followed in their order. */
export type TransformerState = {
  phases: number;
  windings: Winding[];
  active: number;
  /** In per cent, by pair of windings in the order 1-2, 1-3 … 2-3 …; undefined: not said. */
  reactances: (number | undefined)[];
  noLoadLossPercent: number;
  magnetisingPercent: number;
  normalKva: number | undefined;
  emergencyKva: number | undefined;
  kvaSaid: boolean;
  leads: boolean;
  bank: string | undefined;
};

const newWinding = (): Winding => ({
  bus: '',
  connection: 'wye',
  kv: 12.47,
  kva: 1_000,
  resistancePu: 0.002,
  tapPu: 1,
  minTapPu: 0.9,
  maxTapPu: 1.1,
  tapCount: 32,
  neutralR: undefined,
  neutralX: undefined,
});

export function newTransformer(): TransformerState {
  return {
    phases: 3,
    windings: [newWinding(), newWinding()],
    active: 0,
    reactances: [],
    noLoadLossPercent: 0,
    magnetisingPercent: 0,
    normalKva: undefined,
    emergencyKva: undefined,
    kvaSaid: false,
    leads: false,
    bank: undefined,
  };
}

export function copiedState(of: TransformerState): TransformerState {
  return { ...of, windings: of.windings.map((each) => ({ ...each })), reactances: [...of.reactances] };
}

type Reading = { readonly reader: ObjectReader; readonly codeNamed: (name: string) => TransformerState | undefined };

export function followTransformer(object: DssObject, reading: Reading): TransformerState {
  let state = newTransformer();
  for (const assigned of object.assignments) {
    if (assigned.property === 'xfmrcode') state = withCode(state, assigned.value, reading);
    else if (!(takeWhole(state, assigned, reading.reader) || takeWinding(state, assigned, reading.reader)))
      takeAllWindings(state, assigned, reading.reader);
  }
  reading.reader.ask(followedProperties);
  return state;
}

const followedProperties = (
  'phases windings wdg bus conn kv kva tap pctr rneut xneut buses conns kvs kvas taps xhl xht xlt x12 x13 x23 xscarray pctloadloss ' +
  'pctnoloadloss pctimag normhkva emerghkva maxtap mintap numtaps pctrs bank leadlag xfmrcode'
).split(' ');

/** The code's windings, at the buses that are known already. */
function withCode(state: TransformerState, name: string, { reader, codeNamed }: Reading): TransformerState {
  const code = codeNamed(name);
  if (code === undefined) {
    reader.tell('error', 'no-object', `there is no XfmrCode ${name}`);
    return state;
  }
  const copy = copiedState(code);
  for (const [index, winding] of copy.windings.entries()) winding.bus = state.windings[index]?.bus ?? '';
  return { ...copy, bank: state.bank, leads: state.leads };
}

const reactanceOf: Readonly<Record<string, number>> = { xhl: 0, x12: 0, xht: 1, x13: 1, xlt: 2, x23: 2 };

function takeWhole(state: TransformerState, assigned: Assignment, reader: ObjectReader): boolean {
  const number = (): number => reader.readOf(assigned, numberOf) ?? NaN;
  switch (assigned.property) {
    case 'phases':
      state.phases = reader.readOf(assigned, countOf) ?? state.phases;
      return true;
    case 'windings':
      state.windings = Array.from({ length: reader.readOf(assigned, countOf) ?? 2 }, newWinding);
      state.active = 0;
      return true;
    case 'wdg':
      state.active = number() - 1;
      if (state.windings[state.active] === undefined)
        reader.tell('error', 'unreadable-value', `wdg=${assigned.value}: there are ${state.windings.length} windings`);
      return true;
    case 'xhl':
    case 'x12':
    case 'xht':
    case 'x13':
    case 'xlt':
    case 'x23':
      state.reactances[reactanceOf[assigned.property] ?? 0] = number();
      return true;
    case 'xscarray':
      state.reactances = reader.readOf(assigned, numbersOf) ?? [];
      return true;
    case 'pctloadloss':
      for (const winding of state.windings.slice(0, 2)) winding.resistancePu = number() / 200;
      return true;
    case 'pctnoloadloss':
      state.noLoadLossPercent = number();
      return true;
    case 'pctimag':
      state.magnetisingPercent = number();
      return true;
    case 'normhkva':
      state.normalKva = number();
      return true;
    case 'emerghkva':
      state.emergencyKva = number();
      return true;
    case 'leadlag':
      state.leads = /^(le|eu)/i.test(assigned.value);
      return true;
    case 'bank':
      state.bank = assigned.value;
      return true;
    default:
      return false;
  }
}

function takeWinding(state: TransformerState, assigned: Assignment, reader: ObjectReader): boolean {
  const winding = state.windings[state.active];
  if (winding === undefined) return false;
  const number = (): number => reader.readOf(assigned, numberOf) ?? NaN;
  switch (assigned.property) {
    case 'bus':
      winding.bus = assigned.value;
      return true;
    case 'conn':
      winding.connection = connectionOf(assigned.value);
      return true;
    case 'kv':
      winding.kv = number();
      return true;
    case 'kva':
      winding.kva = number();
      spreadKva(state);
      return true;
    case 'tap':
      winding.tapPu = number();
      return true;
    case 'pctr':
      winding.resistancePu = number() / 100;
      return true;
    case 'rneut':
      winding.neutralR = number();
      return true;
    case 'xneut':
      winding.neutralX = number();
      return true;
    case 'maxtap':
      winding.maxTapPu = number();
      return true;
    case 'mintap':
      winding.minTapPu = number();
      return true;
    case 'numtaps':
      winding.tapCount = number();
      return true;
    default:
      return false;
  }
}

/** The first winding's rating is that of all until they say their own; of two windings both are always the same. */
function spreadKva(state: TransformerState): void {
  const kva = state.windings[state.active]?.kva ?? 0;
  state.kvaSaid = true;
  if (state.active !== 0 && state.windings.length !== 2) return;
  for (const winding of state.windings) winding.kva = kva;
  if (state.active === 0) state.normalKva = state.emergencyKva = undefined;
}

function takeAllWindings(state: TransformerState, assigned: Assignment, reader: ObjectReader): void {
  const { property } = assigned;
  if (property === 'buses' || property === 'conns') {
    for (const [index, word] of wordsOf(assigned).entries()) {
      const winding = state.windings[index];
      if (winding === undefined) continue;
      if (property === 'buses') winding.bus = word;
      else winding.connection = connectionOf(word);
    }
    return;
  }
  const field = ({ kvs: 'kv', kvas: 'kva', taps: 'tapPu', pctrs: 'resistancePu' } as const)[property];
  if (field === undefined) return;
  const scale = property === 'pctrs' ? 0.01 : 1;
  for (const [index, value] of (reader.readOf(assigned, numbersOf) ?? []).entries()) {
    const winding = state.windings[index];
    if (winding !== undefined) winding[field] = value * scale;
  }
  if (property === 'kvas') state.kvaSaid = true;
}
