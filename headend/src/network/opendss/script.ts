import type { Finding } from '../model/finding.ts';
import { nearestName } from '../model/nearest-name.ts';
import type { Place } from '../model/place.ts';
import { altersUnfollowed, besideTheNetwork, commandNamed } from './command-names.ts';
import { readPositions } from './bus-positions.ts';
import { plainNumber } from './inline-math.ts';
import { ObjectBook } from './object-book.ts';
import type { DssObject } from './object-book.ts';
import { parametersOf } from './parameters.ts';
import type { Parameter } from './parameters.ts';
import { classNamed, nameAmong } from './property-names.ts';
import { setOptions } from './script-options.ts';
import type { ScriptFiles } from './script-files.ts';
import { numberOf } from './values.ts';

const deepestRedirect = 20;

/** Runs a script as far as it defines a network: what it would calculate or draw is left to others, and told. */
export function runScript(path: string, files: ScriptFiles): ObjectBook {
  const book = new ObjectBook();
  new Script(book, files).run(path, { file: path, line: 1 });
  return book;
}

class Script {
  readonly #book: ObjectBook;
  readonly #files: ScriptFiles;
  readonly #variables = new Map<string, Parameter>();
  #active: DssObject | undefined;
  /** The object that is being skipped, so that its further lines are too. */
  #skipping = false;
  #place: Place = { file: '', line: 0 };
  /** Files that are being read, each from the one before it. */
  readonly #open: string[] = [];
  #folder = '';

  constructor(book: ObjectBook, files: ScriptFiles) {
    this.#book = book;
    this.#files = files;
  }

  run(path: string, askedAt: Place): void {
    const text = this.#files.read(path);
    if (text === undefined) {
      this.#tell({ severity: 'error', code: 'missing-file', say: `${path} cannot be read` }, askedAt);
      return;
    }
    const folderBefore = this.#folder;
    this.#folder = this.#files.folderOf(path);
    this.#open.push(path);
    let inComment = false;
    for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
      this.#place = { file: path, line: index + 1 };
      if (!inComment && line.trimStart().startsWith('/*')) inComment = true;
      if (!inComment) this.#line(line);
      else if (line.includes('*/')) inComment = false;
    }
    this.#open.pop();
    this.#folder = folderBefore;
  }

  #tell(finding: Omit<Finding, 'place'>, place = this.#place): void {
    this.#book.findings.push({ ...finding, place });
  }

  #error(code: string, say: string): void {
    this.#tell({ severity: 'error', code, say });
  }

  #line(text: string): void {
    const line = text.replace(/^\uFEFF/, '').trimStart();
    // The mark of a further line needs no blank behind it.
    const read = parametersOf(line.startsWith('~') ? `~ ${line.slice(1)}` : line);
    if (!read.ok) {
      this.#error('unreadable-line', read.say);
      return;
    }
    const [first, ...rest] = read.parameters.map((each) => this.#withVariables(each));
    if (first === undefined) return;
    if (first.name === undefined) this.#command(first.value, rest);
    else this.#propertyByPath(first.name, first, rest);
  }

  #withVariables(parameter: Parameter): Parameter {
    const [, name = '', tail = ''] = /^(@[^.^]+)(.*)$/.exec(parameter.value) ?? [];
    const variable = this.#variables.get(name.toLowerCase());
    if (variable === undefined) return parameter;
    return { ...parameter, value: variable.value + tail, quoted: variable.quoted || parameter.quoted };
  }

  #command(word: string, parameters: readonly Parameter[]): void {
    const command = commandNamed(word);
    switch (command) {
      case undefined:
        this.#error('unknown-command', `'${word}' is no command of OpenDSS: the line is left out`);
        return;
      case 'new':
        return this.#define(parameters);
      case 'edit':
      case 'select':
        return this.#choose(command, parameters);
      case 'more':
      case 'm':
      case '~':
        return this.#assign(this.#active, parameters);
      case 'clear':
      case 'clearall':
        this.#active = undefined;
        return this.#book.clear();
      case 'redirect':
      case 'compile':
        return this.#include(parameters);
      case 'cd':
        this.#folder = this.#files.join(this.#folder, parameters[0]?.value ?? '');
        return;
      case 'set':
        return setOptions(this.#book, parameters, (severity, code, say) => this.#tell({ severity, code, say }));
      case 'var':
        for (const each of parameters) if (each.name !== undefined) this.#variables.set(each.name.toLowerCase(), each);
        return;
      case 'open':
      case 'close':
        return this.#operate(command === 'open', parameters);
      case 'enable':
      case 'disable':
        return this.#enable(command === 'enable', parameters);
      case 'batchedit':
        return this.#editMany(parameters);
      case 'buscoords':
      case 'latlongcoords':
      case 'giscoords':
        return this.#positions(command, parameters);
      case 'setbusxy':
        return this.#position(parameters);
      case 'setkvbase':
        return this.#busVoltage(parameters);
      default:
        this.#passOver(command);
    }
  }

  #passOver(command: string): void {
    if (!altersUnfollowed(command)) {
      this.#tell({ severity: 'note', code: 'beside-the-network', say: besideTheNetwork(command) });
      return;
    }
    const say = `the command ${command} would alter the network: it is not followed, and what is written stands`;
    this.#tell({ severity: 'warning', code: 'not-followed', say });
  }

  #define(parameters: readonly Parameter[]): void {
    const [spec, ...rest] = parameters;
    const [kind, name] = splitOnce(spec?.value ?? '');
    this.#active = undefined;
    this.#skipping = true;
    if (spec === undefined || name === '') return this.#error('no-object', 'new needs a class and a name, as Line.L1');
    const found = classNamed(kind);
    if (found.kind === 'beside') {
      this.#tell({
        severity: 'note',
        code: 'beside-the-network',
        say: `${found.name} objects are not part of the network model`,
      });
      return;
    }
    if (found.kind === 'unknown')
      return this.#error('unknown-class', `${kind} is no class that is understood here: ${name} is left out`);
    const isCircuit = kind.toLowerCase() === 'circuit';
    if (isCircuit) this.#book.circuitName = name;
    this.#skipping = false;
    const known = this.#book.find(found.name, isCircuit ? 'source' : name);
    if (known !== undefined) {
      const where = `${known.place.file}:${known.place.line}`;
      const say = `${kind}.${name} is there already (${where}): what is said here is taken as a change of it`;
      this.#tell({ severity: 'warning', code: 'duplicate-name', say, elements: [`${kind}.${name}`] });
    }
    const object: DssObject = known ?? {
      class: found.name,
      name: isCircuit ? 'source' : name,
      place: this.#place,
      assignments: [],
      operations: [],
    };
    if (known === undefined) this.#book.add(object);
    this.#active = object;
    this.#assign(object, rest);
  }

  #choose(command: string, parameters: readonly Parameter[]): void {
    const [spec, ...rest] = parameters;
    this.#active = this.#objectNamed(spec?.value ?? '', command);
    if (this.#active !== undefined && command === 'edit') this.#assign(this.#active, rest);
  }

  #objectNamed(spec: string, what: string): DssObject | undefined {
    const [kind, name] = splitOnce(spec);
    const found = classNamed(kind);
    this.#skipping = found.kind === 'beside';
    if (found.kind === 'beside') return undefined;
    const object = found.kind === 'carried' ? this.#book.find(found.name, name) : undefined;
    if (object === undefined) this.#error('no-object', `${what}: there is no ${spec}`);
    return object;
  }

  /** `Class.Name.property=value …`, `property=value` of the object last spoken of. */
  #propertyByPath(path: string, value: Parameter, rest: readonly Parameter[]): void {
    const parts = path.split('.');
    const property = parts.at(-1) ?? '';
    if (parts.length > 1) this.#active = this.#objectNamed(parts.slice(0, -1).join('.'), property);
    this.#assign(this.#active, [{ ...value, name: property }, ...rest]);
  }

  #assign(object: DssObject | undefined, parameters: readonly Parameter[]): void {
    if (object === undefined) {
      // Of an object that was left out, its further lines need no word of their own.
      if (!this.#skipping && parameters.length > 0)
        this.#error('no-object', 'nothing was named before to which this belongs');
      return;
    }
    const found = classNamed(object.class);
    const names = found.kind === 'carried' ? found.properties : [];
    let position = -1;
    for (const { name, value, quoted } of parameters) {
      const property = name === undefined ? names[position + 1] : nameAmong(names, name);
      if (property === undefined) {
        this.#unknownProperty(object, name, value, names);
        continue;
      }
      position = names.indexOf(property);
      if (property === 'like') this.#copy(object, value);
      else object.assignments.push({ property, value, quoted, place: this.#place });
    }
  }

  #unknownProperty(object: DssObject, name: string | undefined, value: string, names: readonly string[]): void {
    const whose = `${object.class}.${object.name}`;
    if (name === undefined)
      return this.#error(
        'unknown-property',
        `${whose}: '${value}' is one value more than ${object.class} has properties`,
      );
    const near = nearestName(name.toLowerCase(), names);
    const hint = near === undefined ? '' : `; is ${near} meant?`;
    this.#error(
      'unknown-property',
      `${whose}: ${name} is no property of ${object.class}${hint} (${name}=${value} is left out)`,
    );
  }

  #copy(object: DssObject, name: string): void {
    const other = this.#book.find(object.class, name);
    if (other === undefined)
      return this.#error(
        'no-object',
        `${object.class}.${object.name}: like=${name}, but there is no such ${object.class}`,
      );
    object.assignments.push(...other.assignments);
  }

  #include(parameters: readonly Parameter[]): void {
    const path = this.#files.join(this.#folder, parameters[0]?.value ?? '');
    if (this.#open.includes(path))
      return this.#error(
        'too-deep',
        `${path} is being read already: a file cannot redirect to itself, nor by way of others`,
      );
    if (this.#open.length > deepestRedirect)
      return this.#error('too-deep', `${path} is redirected to from ${deepestRedirect} files deep: it is left out`);
    const place = this.#place;
    this.run(path, place);
    this.#place = place;
  }

  #operate(open: boolean, parameters: readonly Parameter[]): void {
    const object = this.#objectNamed(parameters[0]?.value ?? '', open ? 'open' : 'close');
    const [terminal = 1, conductor = 0] = parameters.slice(1).map(({ value }) => plainNumber(value) ?? 1);
    object?.operations.push({ terminal, conductor, open, place: this.#place });
  }

  #enable(enabled: boolean, parameters: readonly Parameter[]): void {
    const spec = parameters[0]?.value ?? '';
    const [kind, name] = splitOnce(spec);
    const found = classNamed(kind);
    const all =
      name === '*' && found.kind === 'carried'
        ? this.#book.all(found.name)
        : [this.#objectNamed(spec, enabled ? 'enable' : 'disable')];
    const value = enabled ? 'yes' : 'no';
    for (const each of all) each?.assignments.push({ property: 'enabled', value, quoted: false, place: this.#place });
  }

  /** `batchedit class..expression property=value`: those whose name fits the expression. */
  #editMany(parameters: readonly Parameter[]): void {
    const [kind = '', expression = ''] = (parameters[0]?.value ?? '').split('..', 2);
    const found = classNamed(kind);
    if (found.kind !== 'carried') {
      if (found.kind === 'unknown')
        this.#error('unknown-class', `batchedit: ${kind} is no class that is understood here`);
      return;
    }
    const pattern = expressionOf(expression);
    if (pattern === undefined) return this.#error('unreadable-line', `batchedit: '${expression}' is no expression`);
    const fitting = this.#book.all(found.name).filter(({ name }) => pattern.test(name));
    if (fitting.length === 0)
      this.#tell({ severity: 'warning', code: 'no-object', say: `batchedit: no ${kind} fits '${expression}'` });
    for (const each of fitting) this.#assign(each, parameters.slice(1));
  }

  #positions(command: string, parameters: readonly Parameter[]): void {
    const path = this.#files.join(this.#folder, parameters[0]?.value ?? '');
    const text = this.#files.read(path);
    if (text === undefined) return this.#error('missing-file', `${path} cannot be read`);
    this.#book.geographic = command !== 'buscoords';
    const read = readPositions(text, path, command === 'latlongcoords');
    this.#book.positions.push(...read.positions);
    this.#book.findings.push(...read.findings);
  }

  #position(parameters: readonly Parameter[]): void {
    const value = (name: string, at: number) =>
      (parameters.find((each) => each.name?.toLowerCase() === name) ?? parameters[at])?.value ?? '';
    const [x, y] = [plainNumber(value('x', 1)), plainNumber(value('y', 2))];
    if (x === undefined || y === undefined)
      return this.#error('unreadable-value', 'setbusxy needs a bus and two numbers');
    this.#book.positions.push({ bus: value('bus', 0), x, y, place: this.#place });
  }

  #busVoltage([bus, voltage]: readonly Parameter[]): void {
    const kv = voltage === undefined ? undefined : numberOf(voltage);
    if (bus === undefined || kv === undefined || !kv.ok)
      return this.#error('unreadable-value', 'setkvbase needs a bus and a voltage');
    const toPhases = voltage?.name?.toLowerCase() === 'kvln' ? Math.sqrt(3) : 1;
    this.#book.busVoltagesKv.set(bus.value.toLowerCase(), kv.value * toPhases);
  }
}

function splitOnce(spec: string): [string, string] {
  const dot = spec.indexOf('.');
  return dot === -1 ? [spec, ''] : [spec.slice(0, dot), spec.slice(dot + 1)];
}

function expressionOf(text: string): RegExp | undefined {
  try {
    // `*` alone is how scripts say "all", though it is no expression.
    return new RegExp(text === '*' ? '.' : text, 'i');
  } catch {
    return undefined;
  }
}
