import { readFileSync } from 'node:fs';
import { listShape, orderedDeviceShape } from '@tiepoint/protocol/field';
import type { OrderedDevice } from '@tiepoint/protocol/field';
import { parseYaml, whyUnread } from '../../io/located-yaml.ts';

/** What was ordered, where no head-end can tell: a YAML or JSON list of devices as the head-end would give them. */
export function readOrdered(
  path: string,
): { ok: true; devices: readonly OrderedDevice[] } | { ok: false; errors: readonly string[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return {
      ok: false,
      errors: [`${path}: ${whyUnread(error)}`],
    };
  }
  const document = parseYaml(text, path);
  if (!document.ok) return document;
  const read = listShape(orderedDeviceShape, { max: 512 })(document.value, 'devices');
  return read.ok ? { ok: true, devices: read.value } : { ok: false, errors: [`${path}: ${read.say}`] };
}
