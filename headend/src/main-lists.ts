import { randomUUID } from 'node:crypto';
import type { GatewayBirth } from '@tiepoint/protocol';
import { gatewayArea } from './api/areas.ts';
import type { CommandKeys } from './authority/command-keys.ts';
import { KeyDesk } from './authority/key-desk.ts';
import { Configurations } from './nms/configuration.ts';
import { FleetModes } from './nms/fleet-modes.ts';
import type { Fleet } from './nms/fleet.ts';
import type { Link } from './nms/link/link.ts';
import { sealFor } from './nms/link/signed-link.ts';
import type { SignedLink } from './nms/link/signed-link.ts';
import { TagLists, tagsTopic } from './nms/tag-lists.ts';
import type { Tags } from './nms/tags.ts';
import { TrustLists } from './nms/trust-lists.ts';
import type { Register } from './nms/provisioning/register.ts';
import type { OperationsStore } from './store/store.ts';

type Parts = {
  keys: CommandKeys;
  operations: OperationsStore;
  register: () => Register;
  tags: () => Tags;
  fleet: () => Fleet;
  down: SignedLink;
  link: Link;
  onChange: (gatewayId: string) => void;
  held: () => boolean;
  now: () => number;
};

/** What a gateway is told, and told again until its birth shows that it has it. */
export type Lists = {
  keyDesk: KeyDesk;
  tagLists: TagLists;
  trustLists: TrustLists;
  configurations: Configurations;
  modes: FleetModes;
  gatewayBorn(gatewayId: string, birth: GatewayBirth): void;
  /** What is tagged at a gateway that enrols, signed, as base64url. */
  enrolling(gatewayId: string): string | undefined;
};

export function listsOf({ keys, operations, register, tags, fleet, down, link, onChange, held, now }: Parts): Lists {
  const gateways = (): ReturnType<Fleet['gateways']> => fleet().gateways();
  const publish = (topic: string, content: Uint8Array): void => void down.publish(topic, content, { qos: 1 });
  const tagsOf: ConstructorParameters<typeof TagLists>[0]['tagsOf'] = (gatewayId) => tags().ofGateway(gatewayId);
  const tagLists = new TagLists({ publish, tagsOf, gateways, onChange, held, now });
  const trustLists = new TrustLists({
    listsAbove: (revision) => keys.listsAbove(revision),
    publishSigned: (topic, payload) => void link.publish(topic, payload, { qos: 1 }),
    gateways,
    now,
  });
  const configurations = new Configurations({
    store: operations,
    publish,
    birthOf: (gatewayId) => fleet().gateway(gatewayId)?.birth,
    onChange,
  });
  const modes = new FleetModes({
    store: operations,
    publish,
    gateways,
    areaOf: (gatewayId) => gatewayArea({ register: register() }, gatewayId),
    onChange,
    now,
    newId: randomUUID,
  });
  const keyDesk = new KeyDesk({
    keys,
    gateways: () => obeying(register(), fleet()),
    appendAudit: (entry) => operations.appendAudit(entry),
    onList: () => trustLists.changed(),
    now,
  });
  return {
    keyDesk,
    tagLists,
    trustLists,
    configurations,
    modes,
    gatewayBorn: (gatewayId, birth) => {
      for (const each of [trustLists, tagLists, configurations, modes]) each.gatewayBorn(gatewayId, birth);
    },
    enrolling: (gatewayId) => {
      const content = tagLists.enrolling(gatewayId);
      const sealed = content && sealFor(tagsTopic(gatewayId), content, keys.signer);
      return sealed instanceof Uint8Array ? Buffer.from(sealed).toString('base64url') : undefined;
    },
  };
}

/** Gateways that a new command key has to reach: those that were enrolled or heard of, and are not of a retired site. */
function obeying(
  register: Register,
  fleet: Fleet,
): readonly { gatewayId: string; trustRevision: number | undefined }[] {
  const heard = [...fleet.gateways()].flatMap(({ gatewayId, birth }) =>
    // One that has no list at all obeys nobody, and no list would change that.
    birth === undefined || birth.trustRevision === undefined ? [] : [gatewayId],
  );
  const ids = [...new Set([...heard, ...register.of('identity').keys()])];
  return ids
    .filter((gatewayId) => {
      const siteId = register.ordersOf(gatewayId)[0]?.siteId;
      return siteId === undefined || register.stateOf(siteId) !== 'retired';
    })
    .map((gatewayId) => ({ gatewayId, trustRevision: fleet.gateway(gatewayId)?.birth?.trustRevision }));
}
