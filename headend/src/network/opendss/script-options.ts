import type { Finding } from '../model/finding.ts';
import type { EarthModelName, ObjectBook } from './object-book.ts';
import type { Parameter } from './parameters.ts';
import { numberOf, numbersOf } from './values.ts';

type Tell = (severity: Finding['severity'], code: string, say: string) => void;

const earthModels: readonly EarthModelName[] = ['carson', 'fullcarson', 'deri'];

/** The options of `set` that a network depends on; the others are for solutions and pictures. */
export function setOptions(book: ObjectBook, parameters: readonly Parameter[], tell: Tell): void {
  for (const parameter of parameters) {
    const name = parameter.name?.toLowerCase() ?? '';
    if (/^(default)?basefreq/.test(name)) setFrequency(book, parameter, tell);
    else if (/^voltagebases?$/.test(name)) setVoltageBases(book, parameter, tell);
    else if (name === 'earthmodel') setEarthModel(book, parameter, tell);
    else if (/^(load|gen)mult$/.test(name) && Number(parameter.value) !== 1)
      tell(
        'warning',
        'not-followed',
        `${name}=${parameter.value}: the loads and generators are taken as they are written`,
      );
    else tell('note', 'beside-the-network', `the option ${name || parameter.value} is for solutions or pictures`);
  }
}

function setFrequency(book: ObjectBook, parameter: Parameter, tell: Tell): void {
  const read = numberOf(parameter);
  if (read.ok && read.value > 0) book.frequencyHz = read.value;
  else tell('error', 'unreadable-value', `${parameter.name ?? ''}=${parameter.value} is no frequency`);
}

function setVoltageBases(book: ObjectBook, parameter: Parameter, tell: Tell): void {
  const read = numbersOf(parameter);
  if (!read.ok) return tell('error', 'unreadable-value', `voltagebases: ${read.say}`);
  book.voltageBasesKv.splice(0, Infinity, ...read.value);
}

function setEarthModel(book: ObjectBook, parameter: Parameter, tell: Tell): void {
  const asked = parameter.value.toLowerCase();
  const model = earthModels.find((each) => each.startsWith(asked));
  if (model === undefined)
    tell('error', 'unreadable-value', `earthmodel=${parameter.value} is neither carson, fullcarson nor deri`);
  else book.earthModel = model;
}
