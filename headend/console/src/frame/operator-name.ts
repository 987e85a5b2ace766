const key = 'tiepoint.operator';

export type NameVerdict = { ok: true; name: string } | { ok: false; say: string };

/** 1 to 120 printable characters of those that a header of HTTP can carry. */
export function checkName(text: string): NameVerdict {
  const name = text.trim().replaceAll(/\s+/g, ' ');
  if (name === '') return { ok: false, say: 'Type your name: the audit log keeps it with everything that you do.' };
  if (name.length > 120) return { ok: false, say: `${name.length} characters; at most 120 are kept.` };
  if (!/^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u00ff]+$/.test(name))
    return { ok: false, say: 'Only Latin letters, digits and signs can be sent: write the name in those.' };
  if (/^(head-end|agent( of .*)?)$/i.test(name))
    return { ok: false, say: `The audit log calls a machine ${name}: type your own name.` };
  return { ok: true, name };
}

/** The name typed on this machine before; nothing where the browser keeps nothing. */
export function storedName(storage: Storage): string | undefined {
  try {
    const verdict = checkName(storage.getItem(key) ?? '');
    return verdict.ok ? verdict.name : undefined;
  } catch {
    return undefined;
  }
}

export function storeName(storage: Storage, name: string): void {
  try {
    storage.setItem(key, name);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
