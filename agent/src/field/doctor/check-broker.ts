import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AgentSettings } from '../../io/configuration.ts';
import type { GatewayTls } from '../../io/keys/gateway-identity.ts';
import { judgeCertificate } from './broker-judgement.ts';
import type { CertificateFacts } from './broker-judgement.ts';
import type { Finding } from './finding.ts';

const withinMs = 10_000;
/** Where the broker is, by the configuration's address. */
export function brokerAt({ url }: Pick<AgentSettings['mqtt'], 'url'>): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 8883 : Number(port) };
}

/** Name, TCP and certificate: what can be looked at without a session, and so beside a running gateway. */
export async function checkBrokerLine(
  mqtt: Pick<AgentSettings['mqtt'], 'url'>,
  tls: GatewayTls | undefined,
): Promise<readonly Finding[]> {
  const { host, port } = brokerAt(mqtt);
  const name = await checkName(host);
  if (name.outcome === 'bad') return [name];
  const tcp = await checkTcp(host, port);
  if (tcp.outcome === 'bad' || tls === undefined) return [name, tcp];
  return [name, tcp, await checkTls(host, port, tls)];
}

async function checkName(host: string): Promise<Finding> {
  if (isIP(host) !== 0) return { id: 'name', about: host, outcome: 'ok', say: 'an address: no name to look up' };
  const beganMs = performance.now();
  try {
    const found = await lookup(host, { all: true });
    const tookMs = Math.round(performance.now() - beganMs);
    const addresses = found.map(({ address }) => address).join(', ');
    return {
      id: 'name',
      about: host,
      outcome: 'ok',
      say: `is ${addresses} (${tookMs} ms)`,
      measured: { addresses, tookMs },
    };
  } catch (error) {
    const isAway = (error as NodeJS.ErrnoException).code === 'EAI_AGAIN';
    return {
      id: 'name',
      about: host,
      outcome: 'bad',
      say: isAway ? 'no name server answers' : 'the name is not known',
      todo: isAway
        ? 'Is the network up, and /etc/resolv.conf right?'
        : 'Is mqtt.url spelt right? Else ask whoever runs the broker.',
    };
  }
}

function checkTcp(host: string, port: number): Promise<Finding> {
  const about = `${host}:${port}`;
  const beganMs = performance.now();
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, timeout: withinMs });
    const end = (finding: Finding): void => {
      socket.destroy();
      resolve(finding);
    };
    socket.once('connect', () => {
      const tookMs = Math.round((performance.now() - beganMs) * 10) / 10;
      end({ id: 'tcp', about, outcome: 'ok', say: `connected in ${tookMs} ms`, measured: { tookMs } });
    });
    socket.once('timeout', () =>
      end({
        id: 'tcp',
        about,
        outcome: 'bad',
        say: 'no answer',
        todo: 'A firewall, a wrong address, or a network that is down.',
      }),
    );
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end({
        id: 'tcp',
        about,
        outcome: 'bad',
        say:
          error.code === 'ECONNREFUSED' ? 'nobody listens there' : `cannot be reached (${error.code ?? error.message})`,
        todo: 'Is the broker running, the port right, and no firewall between?',
      }),
    );
  });
}

function checkTls(host: string, port: number, tls: GatewayTls): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connectTls({
      ...tls,
      host,
      port,
      timeout: withinMs,
      // Judged here, so that what is wrong can be told; nothing is sent over this connection.
      rejectUnauthorized: false,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    });
    const end = (finding: Finding): void => {
      socket.destroy();
      resolve(finding);
    };
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate();
      const error = socket.authorized ? undefined : errorCode(socket.authorizationError);
      const facts: CertificateFacts = {
        host,
        subject: textOf(certificate.subject?.CN),
        issuer: textOf(certificate.issuer?.O ?? certificate.issuer?.CN),
        names: certificate.subjectaltname ?? '',
        validFromMs: Date.parse(certificate.valid_from),
        validToMs: Date.parse(certificate.valid_to),
        protocol: socket.getProtocol() ?? 'TLS',
        ...(error === undefined ? {} : { error }),
      };
      end(judgeCertificate(facts, Date.now()));
    });
    const failed = (why: string): void =>
      end({
        id: 'certificate',
        about: host,
        outcome: 'bad',
        say: `no TLS there: ${why}`,
        todo: 'Is the port of mqtt.url the one for TLS? Else see the log of the broker.',
      });
    socket.once('timeout', () => failed('no answer'));
    socket.once('error', (error) => failed(error.message));
  });
}

const errorCode = (error: unknown): string =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : String(error);

const textOf = (value: string | string[] | undefined): string =>
  value === undefined ? 'nobody' : typeof value === 'string' ? value : value.join(', ');
