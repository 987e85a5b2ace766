import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { enrolmentShape, fieldRoutes, parseEnrolmentToken } from '@tiepoint/protocol/field';
import type { Enrolment } from '@tiepoint/protocol/field';
import { writeWhole } from '../disk/whole-file.ts';
import { ask } from '../head-end-question.ts';
import type { Answered } from '../head-end-question.ts';
import { authorityAt } from './authority-check.ts';
import { certificateRequest } from './certificate-request.ts';
import { enrolmentFileName, trustFileName } from './enrolment-file.ts';
import { tagsFileName } from './enrolled-tags.ts';
import { authorityFileName, certificateFileName, keyFileName, strict } from './gateway-identity.ts';
import { makeKeyFile, readKeyFile } from './key-file.ts';

const answerName = 'answer.json';
const pendingOf = (folder: string): string => `${folder}.pending`;
const keyOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** `unasked`: the head-end was told nothing, so that the token is as good as it was. */
export type IdentityAsked = Answered<Enrolment> & { readonly wentOn?: boolean; readonly unasked?: boolean };

/**
 * Asks the head-end for the identity that is to take the place of `folder`: makes a key beside it, checks that the head-end is the one of
 * the token before it says anything, spends the token, and keeps the answer on the disk. Asked again with the same token after a break,
 * it goes on without the head-end.
 */
export async function askIdentity(
  folder: string,
  url: string,
  token: string,
  more: { name?: string; dataDir?: string } = {},
): Promise<IdentityAsked> {
  const kept = pendingAnswer(folder, token);
  if (kept !== undefined) return { ok: true, value: kept, wentOn: true };
  const parsed = parseEnrolmentToken(token);
  if (parsed === undefined)
    return {
      ...refused('The token is not whole: it has a secret, a dot, and 64 characters after it. Copy it as it was told.'),
      unasked: true,
    };
  const authority = await authorityAt(url, parsed.fingerprint);
  if (!authority.ok) return { ...authority, unasked: true };
  const pending = pendingOf(folder);
  let request: string;
  try {
    rmSync(pending, { recursive: true, force: true });
    request = await certificateRequest(makeKeyFile(join(pending, keyFileName)));
  } catch (error) {
    return refused(`${pending}: the key cannot be written (${String(error)}). The token was not used.`);
  }
  const body = { token: parsed.secret, certificateRequest: request, ...more };
  const answer = await ask(url, fieldRoutes.enrolments, enrolmentShape, {
    tls: { ca: authority.value, ...strict },
    body,
  });
  if (!answer.ok) {
    rmSync(pending, { recursive: true, force: true });
    return answer;
  }
  const fault = faultOf(answer.value, join(pending, keyFileName));
  if (fault !== undefined) return refused(fault);
  try {
    // The token is spent: from here on what it gave must not be lost.
    writeWhole(join(pending, answerName), JSON.stringify({ key: keyOf(token), enrolment: answer.value }), 0o600);
  } catch (error) {
    return refused(
      `${pending}: the head-end answered, but its answer could not be written (${String(error)}). The token is spent: make room, and ask for a new token.`,
    );
  }
  return answer;
}

/** Puts the identity that was asked for in its place; one that was there is kept aside. Throws where the disk cannot be written. */
export function takeIdentity(folder: string, url: string, enrolment: Enrolment, nowMs: number): readonly string[] {
  const { certificate, authority, gatewayId, site, trust, tags, open } = enrolment;
  const pending = pendingOf(folder);
  const about = { url, gatewayId, ...(site === undefined ? {} : { site }), open };
  writeWhole(join(pending, certificateFileName), certificate, 0o600);
  writeWhole(join(pending, authorityFileName), authority, 0o600);
  writeWhole(join(pending, trustFileName), `${JSON.stringify(trust, undefined, 2)}\n`, 0o600);
  writeWhole(join(pending, enrolmentFileName), `${JSON.stringify(about, undefined, 2)}\n`, 0o600);
  if (tags !== undefined) writeWhole(join(pending, tagsFileName), Buffer.from(tags, 'base64url'), 0o600);
  if (existsSync(folder)) renameSync(folder, `${folder}-before-${nowMs}`);
  renameSync(pending, folder);
  rmSync(join(folder, answerName), { force: true });
  const names = [keyFileName, certificateFileName, authorityFileName, trustFileName, enrolmentFileName];
  return names.map((name) => join(folder, name));
}

/** Was an enrolment with this token broken off after the head-end had answered? */
export function isPending(folder: string, token: string): boolean {
  return pendingAnswer(folder, token) !== undefined;
}

/** The head-end's answer to this very token, kept by a run that was broken off. */
function pendingAnswer(folder: string, token: string): Enrolment | undefined {
  try {
    const text = readFileSync(join(pendingOf(folder), answerName), 'utf8');
    const kept = JSON.parse(text) as { key?: unknown; enrolment?: unknown };
    const read = enrolmentShape(kept.enrolment, '');
    return kept.key === keyOf(token) && read.ok ? read.value : undefined;
  } catch {
    return undefined;
  }
}

function faultOf({ certificate, gatewayId }: Enrolment, keyFile: string): string | undefined {
  const key = readKeyFile(keyFile);
  if (!key.ok) return key.say;
  try {
    const own = new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' });
    if (own.equals(key.key.publicKeyDer)) return undefined;
  } catch {
    // Told below.
  }
  return `The head-end enrolled this gateway as ${gatewayId}, and sent a certificate that is not of its key. Ask its operator for a new token.`;
}

const refused = (say: string): Answered<never> => ({ ok: false, reason: 'refused', say });
