import { join } from 'node:path';
import { deviceDown, deviceUp, gatewayDown, gatewayUp } from '@tiepoint/protocol';

/** Names of the files in the folder that mosquitto reads. */
export const mosquittoFiles = {
  configuration: 'mosquitto.conf',
  access: 'access.acl',
  key: 'server-key.pem',
  certificate: 'server.pem',
  authority: 'authority.pem',
  revoked: 'revoked.pem',
} as const;

/**
 * A configuration of mosquitto 2 that holds the rules of the broker inside: TLS with certificates on both sides, each gateway under the
 * name of its certificate alone, and below its own topics only. The name stands in the place of user name and client id, so no gateway
 * can take the session of another. `port`: where it listens; `folder`: where these files lie for mosquitto.
 */
export function mosquittoConfiguration({ folder, port }: { folder: string; port: number }): string {
  const file = (name: keyof typeof mosquittoFiles): string => join(folder, mosquittoFiles[name]);
  return `# Made by the head-end of Tiepoint. mosquitto reads it with -c, or by include_dir.
per_listener_settings true
listener ${port}
certfile ${file('certificate')}
keyfile ${file('key')}
cafile ${file('authority')}
crlfile ${file('revoked')}
tls_version tlsv1.2
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
acl_file ${file('access')}
persistence false
max_packet_size 262144
max_keepalive 300
max_queued_messages 1000
max_inflight_messages 32
`;
}

/** `headEnd`: the common name of the head-end's own certificate. %u is that of each gateway. `barred`: gateways of which no certificate counts any more. */
export function mosquittoAccess(headEnd: string, barred: readonly string[]): string {
  const root = 'tiepoint/v1';
  return [
    '# Made by the head-end of Tiepoint.',
    `user ${headEnd}`,
    `topic readwrite ${root}/#`,
    '',
    ...barred.flatMap((gatewayId) => [`user ${gatewayId}`, 'topic deny #', '']),
    ...gatewayUp.map((message) => `pattern write ${root}/%u/${message}`),
    ...deviceUp.map((message) => `pattern write ${root}/%u/+/${message}`),
    ...gatewayDown.map((message) => `pattern read ${root}/%u/${message}`),
    ...deviceDown.map((message) => `pattern read ${root}/%u/+/${message}`),
    `pattern read ${root}/host`,
    '',
  ].join('\n');
}
