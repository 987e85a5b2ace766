import { parseTopic } from '@tiepoint/protocol';
import { maxContentBytes, placeOf, seal } from '@tiepoint/protocol/envelope';
import type { Signer } from '@tiepoint/protocol/envelope';
import type { Link, Published, PublishOptions } from './link.ts';

/** The line down: whatever goes to gateways is signed here, for its topic. Nothing else is published on it. */
export type SignedLink = Pick<Link, 'publish'>;

export function signedLink(link: Pick<Link, 'publish'>, signer: () => Signer): SignedLink {
  return {
    publish: async (topic: string, content: Uint8Array, options: PublishOptions): Promise<Published> => {
      const sealed = sealFor(topic, content, signer());
      return sealed instanceof Uint8Array ? await link.publish(topic, sealed, options) : sealed;
    },
  };
}

/** Signed for the place that a topic is; a refusal where nothing goes down on it, or where it would not fit. */
export function sealFor(topic: string, content: Uint8Array, signer: Signer): Uint8Array | (Published & { ok: false }) {
  const parsed = parseTopic(topic);
  const place = parsed && placeOf(parsed);
  if (place === undefined) return { ok: false, reason: 'invalid', say: `not published: nothing goes down on ${topic}` };
  if (content.length > maxContentBytes)
    return {
      ok: false,
      reason: 'too-large',
      say: `not published on ${topic}: ${content.length} bytes, at most ${maxContentBytes} fit`,
    };
  return seal(content, place, signer);
}
