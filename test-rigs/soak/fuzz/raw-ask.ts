import { Agent, request } from 'node:https';

export type RawAnswer = { readonly status: number; readonly text: string };
export type RawAsked = {
  readonly method: string;
  /** As it goes over the line: nothing makes `..` of it shorter before. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: string | undefined;
  /** The first piece of the answer is enough: it never ends. */
  readonly endless: boolean;
};

/** Asks one server over few connections that are kept open. */
export class RawAsker {
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(url: string) {
    this.#url = new URL(url);
  }

  async ask({ method, path, headers, body, endless }: RawAsked): Promise<RawAnswer> {
    const { hostname, port } = this.#url;
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return await new Promise((resolve, reject) => {
      const asked = request(
        { hostname, port, method, path, agent: this.#agent, headers: { ...headers, ...length } },
        (response) => {
          const chunks: Buffer[] = [];
          const answer = (): RawAnswer => ({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
          });
          response.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            if (!endless || response.statusCode !== 200) return;
            resolve(answer());
            response.destroy();
          });
          response.on('end', () => resolve(answer()));
          response.on('error', reject);
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  }

  end(): void {
    this.#agent.destroy();
  }
}
