import { profiles } from '@tiepoint/hardware-profiles';
import { ConfigurationError, readConfiguration } from '../io/configuration.ts';

/** What completion asks for while somebody types: a word a line. Where nothing is known, nothing is offered, and nothing said. */
export function completionWords(what: string, typed: readonly string[]): readonly string[] | undefined {
  if (what === 'profiles') return profiles.map(({ name }) => name);
  return what === 'devices' ? devicesOf(configurationIn(typed)) : undefined;
}

/** bash takes `--config=FILE` apart at its sign. */
function configurationIn(typed: readonly string[]): string | undefined {
  const words = typed.flatMap((word) => (word.startsWith('--config=') ? ['--config', word.slice(9)] : [word]));
  const file = words[words.indexOf('--config') + 1];
  if (!words.includes('--config')) return undefined;
  return file === '=' ? words[words.indexOf('--config') + 2] : file;
}

function devicesOf(file: string | undefined): readonly string[] {
  try {
    return file === undefined ? [] : readConfiguration(file).settings.devices.map(({ id }) => id);
  } catch (error) {
    if (error instanceof ConfigurationError) return [];
    throw error;
  }
}
