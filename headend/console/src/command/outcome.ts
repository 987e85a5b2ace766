import type { CommandView } from '../../../src/api/contract.ts';

export type Tone = 'busy' | 'calm' | 'plain' | 'urgent' | 'doubt';
export type Outcome = { readonly tone: Tone; readonly headline: string; readonly next: string | undefined };

/** What a command's state means to the operator, and what to do next. The head-end's own sentence (`say`) goes beside it. */
export function outcomeOf({
  state,
  title,
  route,
  kind,
}: Pick<CommandView, 'state' | 'title' | 'route' | 'kind'>): Outcome {
  const device = route.deviceId;
  switch (state) {
    case 'requested':
      return { tone: 'busy', headline: `${title} is written down and about to be sent.`, next: undefined };
    case 'sent':
      return { tone: 'busy', headline: `${title} is on its way to the gateway.`, next: undefined };
    case 'accepted':
      return { tone: 'busy', headline: 'The gateway has accepted it.', next: undefined };
    case 'executing':
      return { tone: 'busy', headline: `${device} is being commanded and measured.`, next: undefined };
    case 'unknown':
      return {
        tone: 'doubt',
        headline: 'Not known whether it was carried out: the gateway has not answered.',
        next: `Do not command it again. The gateway is asked until it answers, and ${device} may have acted: watch its measurements, or have it looked at on site.`,
      };
    case 'confirmed':
      return { tone: 'calm', headline: `Done, and measured at ${device}.`, next: undefined };
    case 'unconfirmed':
      return {
        tone: 'doubt',
        headline: `Written to ${device}, but the measurement does not show it.`,
        next: unconfirmedAdvice(kind, device),
      };
    case 'refused':
      return {
        tone: 'plain',
        headline: 'Refused: nothing was done.',
        next: 'Remove the reason told here, then select again.',
      };
    case 'expired':
      return {
        tone: 'plain',
        headline: 'Expired: it came too late and was not carried out.',
        next: 'The gateway will not do it any more. Look at the present state, then select again.',
      };
    case 'failed':
      return {
        tone: 'urgent',
        headline: 'Failed: it was tried and is not done.',
        next: `Look at the state that ${device} reports now before anything else; it may have moved part of the way.`,
      };
  }
}

function unconfirmedAdvice(kind: CommandView['kind'], device: string): string {
  switch (kind) {
    case 'disconnect':
    case 'stop-generation':
      return `Treat ${device} as still connected and live until someone has verified it on site.`;
    case 'limit-power':
      return `Count on no limit at ${device}: watch its measured power, and give the limit again if it stays above.`;
    case 'switch-relay':
      return `Count on neither position of the relay at ${device}: look at the state that it reports, or have it looked at on site.`;
    case 'connect':
    case 'start-generation':
    case 'enable-synchronization':
    case 'activate-synchronization':
      return `Treat ${device} as possibly energised. Do not repeat the command before its state is known; have it looked at on site.`;
  }
}
