import { expect } from 'vitest';
import type { Equipment } from '../model/equipment.ts';
import { findingLine } from '../model/finding.ts';
import { importOpenDss } from './import-opendss.ts';
import type { ImportedNetwork } from './import-opendss.ts';
import type { ScriptFiles } from './script-files.ts';

function memory(files: Readonly<Record<string, string>>): ScriptFiles {
  return {
    read: (path) => files[path.toLowerCase()],
    join: (folder, path) => (folder === '.' ? path : `${folder}/${path}`).replaceAll('\\', '/'),
    folderOf: (path) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'),
  };
}

export const imported = (text: string, more: Readonly<Record<string, string>> = {}): ImportedNetwork =>
  importOpenDss('a.dss', memory({ 'a.dss': text, ...more }));

export const circuit = 'clear\nnew circuit.test basekv=12.47 bus1=src\n';

export function one<K extends Equipment['kind']>(
  result: ImportedNetwork,
  id: string,
  kind: K,
): Extract<Equipment, { kind: K }> {
  const found = result.network.equipment.get(id);
  expect(found?.kind, result.findings.map(findingLine).join('\n')).toBe(kind);
  return found as Extract<Equipment, { kind: K }>;
}

export const faults = ({ findings }: ImportedNetwork): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(findingLine);
