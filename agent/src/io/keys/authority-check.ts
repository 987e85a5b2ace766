import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { DetailedPeerCertificate } from 'node:tls';
import { whyUnreachable } from '../head-end-question.ts';
import type { Answered } from '../head-end-question.ts';

const withinMs = 15_000;

/**
 * The certificate with this SHA-256 among those that the server shows, in PEM. Nothing is said to the server: what it is trusted with is
 * said over another connection, which is checked against that certificate.
 */
export async function authorityAt(url: string, fingerprint: string): Promise<Answered<string>> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const no = (reason: 'offline' | 'refused', say: string): Answered<never> => ({
    ok: false,
    reason,
    say: `${url}${port === '' ? ' (port 443, for none was given)' : ''}: ${say}`,
  });
  return await new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? 443 : Number(port),
      minVersion: 'TLSv1.2',
      // Judged below, by the fingerprint.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const end = (answer: Answered<string>): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(withinMs, () =>
      end(no('offline', 'no answer in time. Is the address right, and the network up?')),
    );
    socket.once('error', (error) => end(no('offline', whyUnreachable(error))));
    socket.once('secureConnect', () => {
      const found = chainOf(socket.getPeerCertificate(true)).find(
        ({ fingerprint256 }) => fingerprint256.replaceAll(':', '').toLowerCase() === fingerprint,
      );
      if (found !== undefined) return end({ ok: true, value: found.toString() });
      return end(
        no(
          'refused',
          'this is not the head-end that issued the token: its authority is another. Is the address right, and is there a proxy in between?',
        ),
      );
    });
  });
}

function chainOf(first: DetailedPeerCertificate): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let at: DetailedPeerCertificate | undefined = first;
  // Where it ends, a certificate names itself; a server may send what it likes.
  while (at?.raw !== undefined && chain.length < 10) {
    chain.push(new X509Certificate(at.raw));
    at = at.issuerCertificate === at ? undefined : at.issuerCertificate;
  }
  return chain;
}
