import { done, no } from '@tiepoint/protocol';
import type { Result } from '@tiepoint/protocol';
import type { Profile } from '@tiepoint/hardware-profiles';
import { ConfigurationError, readConfiguration } from '../../io/configuration.ts';
import { connectionOf } from '../connection-options.ts';
import type { Connection } from '../connection-options.ts';
import { listOf, textOf } from '../field-command.ts';
import type { FieldValues } from '../field-command.ts';

/** A device that the command line names, whole: where it is, and what it is. */
export type Target = { readonly id: string; readonly connection: Connection & { unit: number; profile: Profile } };

/** The devices of `--config` (all, or those of `--device`), or the one device that the other options name. */
export function targetsOf(values: FieldValues): Result<readonly Target[]> {
  const file = textOf(values, 'config');
  if (file === undefined) return single(values);
  const asked = listOf(values, 'device');
  const ids = asked.length > 0 ? done(asked) : allOf(file);
  if (!ids.ok) return ids;
  const targets: Target[] = [];
  for (const id of ids.value) {
    const target = single({ ...values, device: id }, id);
    if (!target.ok) return target;
    targets.push(...target.value);
  }
  return done(targets);
}

function single(values: FieldValues, id?: string): Result<readonly Target[]> {
  const found = connectionOf(values);
  if (!found.ok) return found;
  const { unit, profile } = found.value;
  if (unit === undefined) return no('invalid', 'Which unit? --unit N; `tiepoint-agent scan` finds who answers.');
  if (profile === undefined)
    return no('invalid', 'What is it? --profile NAME or FILE; `tiepoint-agent identify` finds which one fits.');
  return done([{ id: id ?? `unit-${unit}`, connection: { ...found.value, unit, profile } }]);
}

function allOf(file: string): Result<readonly string[]> {
  try {
    return done(readConfiguration(file).settings.devices.map(({ id }) => id));
  } catch (error) {
    if (error instanceof ConfigurationError) return no('invalid', error.message);
    throw error;
  }
}
