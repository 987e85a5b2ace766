import { readIdentity } from '../../io/keys/gateway-identity.ts';
import type { GatewayIdentity } from '../../io/keys/gateway-identity.ts';
import { isSignedBy } from '../../io/keys/issued-by.ts';
import { isRenewalDue } from '../../io/keys/renewal-time.ts';
import type { Finding } from './finding.ts';

/** The gateway's own certificate: until when, whether its authority signed it, and whether its key is for this user alone. */
export function checkIdentity(
  folder: string,
  gatewayId: string,
  nowMs: number,
): { readonly finding: Finding; readonly identity: GatewayIdentity | undefined } {
  const read = readIdentity(folder, gatewayId);
  const about = folder;
  if (!read.ok)
    return {
      finding: {
        id: 'own-certificate',
        about,
        outcome: 'bad',
        say: read.say,
        todo: 'Put that right first: without it neither broker nor head-end let this gateway in.',
      },
      identity: undefined,
    };
  return { finding: judgeIdentity(about, read.identity, nowMs), identity: read.identity };
}

export function judgeIdentity(about: string, identity: GatewayIdentity, nowMs: number): Finding {
  const { notBeforeMs, notAfterMs, serial, tls } = identity;
  const until = new Date(notAfterMs).toISOString().slice(0, 10);
  const measured = { serial, daysLeft: Math.floor((notAfterMs - nowMs) / 86_400_000) };
  const finding = (outcome: Finding['outcome'], say: string, todo?: string): Finding => ({
    id: 'own-certificate',
    about,
    outcome,
    say,
    measured,
    ...(todo === undefined ? {} : { todo }),
  });
  if (!isSignedBy(tls.cert, tls.ca))
    return finding(
      'bad',
      'no authority of authority.pem signed it',
      'Enroll this gateway anew: `tiepoint-agent enroll`.',
    );
  if (nowMs >= notAfterMs)
    return finding(
      'bad',
      `expired on ${until}`,
      'Is the clock of this machine right? Else enroll it anew: `tiepoint-agent enroll --replace`.',
    );
  if (nowMs < notBeforeMs)
    return finding('bad', 'is not valid yet', 'The clock of this machine is behind: see to NTP.');
  if (isRenewalDue({ notBeforeMs, notAfterMs }, 1, nowMs))
    return finding(
      'warning',
      `good until ${until}, and should have been renewed`,
      'Does the gateway run, and reach the head-end at the address of enrolment.json? It renews by itself.',
    );
  return finding('ok', `good until ${until}, serial number ${serial}, key for this user alone`);
}
