import { get } from 'node:https';
import type { StreamFrame } from '@tiepoint/headend/api/contract.ts';

/**
 * Follows the head-end's live stream; `onFrame` is told when the bytes came, by `performance.now()`. Resolves, once connected, to what
 * ends it. A stream that breaks is not taken up again: whoever waits for its frames waits in vain.
 */
export async function followStream(
  { url, headers }: { url: string; headers: Record<string, string> },
  onFrame: (frame: StreamFrame, atMs: number) => void,
): Promise<() => void> {
  return await new Promise((resolve, reject) => {
    const request = get(`${url}/api/stream`, { headers: { accept: 'text/event-stream', ...headers } }, (response) => {
      let held = '';
      response.setEncoding('utf8');
      response.on('error', () => undefined);
      response.on('data', (text: string) => {
        const atMs = performance.now();
        const blocks = (held + text).split('\n\n');
        held = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = block.split('\n').find((line) => line.startsWith('data: '));
          if (data !== undefined) onFrame(JSON.parse(data.slice('data: '.length)) as StreamFrame, atMs);
        }
      });
      resolve(() => request.destroy());
    });
    request.on('error', reject);
  });
}
