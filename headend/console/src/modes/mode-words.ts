import type { ModeOrderView } from '../../../src/api/mode-contract.ts';

export const modeDoes: Readonly<Record<ModeOrderView['mode'], string>> = {
  storm: 'Plain meters hold their reports back and keep them; alternative sources report, and commands are taken.',
  safe: 'All reports are held back and kept, and no command is taken at all.',
};

export function areasText(areas: ModeOrderView['areas']): string {
  return areas === 'all' ? 'everywhere' : `in ${areas.join(', ')}`;
}

/** How many of those whom it concerns know of it. Of a name that is written wrong nobody does, and that is not all of them. */
export function heardText({
  covered = 0,
  told = 0,
}: { readonly covered?: number; readonly told?: number } = {}): string {
  if (covered === 0) return 'No gateway is there: nobody follows it. Is the area written so?';
  if (told === covered) return covered === 1 ? 'Its gateway has heard.' : `All ${covered} gateways have heard.`;
  return `${told} of ${covered} gateways have heard; the others are told as soon as they are on line.`;
}
