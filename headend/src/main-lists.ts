import type { CommandKeys } from './authority/command-keys.ts';
import type { Fleet } from './nms/fleet.ts';
import type { Link } from './nms/link/link.ts';
import type { SignedLink } from './nms/link/signed-link.ts';
import { TagLists } from './nms/tag-lists.ts';
import type { Tags } from './nms/tags.ts';
import { TrustLists } from './nms/trust-lists.ts';

/** What gateways are told until their births show that they have it. */
export function listsFor(
  {
    keys,
    tags,
    fleet,
    down,
    link,
    now,
  }: { keys: CommandKeys; tags: Tags; fleet: Fleet; down: SignedLink; link: Link; now: () => number },
  onChange: (gatewayId: string) => void,
): { tagLists: TagLists; trustLists: TrustLists } {
  const gateways = (): ReturnType<Fleet['gateways']> => fleet.gateways();
  return {
    tagLists: new TagLists({
      publish: (topic, payload) => void down.publish(topic, payload, { qos: 1 }),
      tagsOf: (gatewayId) => tags.ofGateway(gatewayId),
      gateways,
      onChange,
      now,
    }),
    trustLists: new TrustLists({
      listsAbove: (revision) => keys.listsAbove(revision),
      publishSigned: (topic, payload) => void link.publish(topic, payload, { qos: 1 }),
      gateways,
      now,
    }),
  };
}
