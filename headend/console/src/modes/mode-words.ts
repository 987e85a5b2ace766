import type { ModeOrderView } from '../../../src/api/mode-contract.ts';

export const modeDoes: Readonly<Record<ModeOrderView['mode'], string>> = {
  storm: 'Plain meters hold their reports back and keep them; alternative sources report, and commands are taken.',
  safe: 'All reports are held back and kept, and no command is taken at all.',
};

export function areasText(areas: ModeOrderView['areas']): string {
  return areas === 'all' ? 'everywhere' : `in ${areas.join(', ')}`;
}
