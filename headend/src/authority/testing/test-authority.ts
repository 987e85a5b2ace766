/** For tests: an authority in memory, and what it issues. */
import { gatewayUri, headEndUri } from '@tiepoint/protocol';
import { CertificateAuthority, dayMs, newKeyPair } from '../certificate-authority.ts';
import type { CertificateOrder } from '../certificate-authority.ts';
import { KeyFolder } from '../key-folder.ts';

/** What one end shows, and whom it trusts: PEM. */
export type TestIdentity = { key: string; cert: string; ca: string; serial: string };

export class TestAuthority {
  readonly authority: CertificateAuthority;
  readonly server: TestIdentity;
  readonly headEnd: TestIdentity;
  readonly keyPem: string;
  readonly #gateways = new Map<string, Promise<TestIdentity>>();

  private constructor(authority: CertificateAuthority, keyPem: string, server: TestIdentity, headEnd: TestIdentity) {
    this.authority = authority;
    this.keyPem = keyPem;
    this.server = server;
    this.headEnd = headEnd;
  }

  static async make(): Promise<TestAuthority> {
    // Old enough for certificates that are over.
    const folder = new MemoryFolder();
    const authority = await CertificateAuthority.open(folder, Date.now() - 100 * dayMs);
    const names = [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ] as const;
    const server = await issued(authority, { commonName: 'localhost', altNames: [...names], usages: ['server'] });
    const headEnd = await issued(authority, {
      commonName: 'tiepoint.head-end',
      altNames: [{ type: 'url', value: headEndUri }],
      usages: ['client'],
    });
    return new TestAuthority(authority, folder.read('authority-key.pem') ?? '', server, headEnd);
  }

  /** The same one each time. */
  async gateway(gatewayId: string): Promise<TestIdentity> {
    const known = this.#gateways.get(gatewayId) ?? this.another(gatewayId);
    this.#gateways.set(gatewayId, known);
    return await known;
  }

  /** What a server shows that goes by this name. */
  async serverNamed(name: string, order: Partial<CertificateOrder> = {}): Promise<TestIdentity> {
    const altNames = [{ type: 'dns', value: name } as const];
    return await issued(this.authority, { commonName: name, altNames, usages: ['server'], ...order });
  }

  /** A new one each time. */
  async another(gatewayId: string, order: Partial<CertificateOrder> = {}, nowMs = Date.now()): Promise<TestIdentity> {
    const altNames = [{ type: 'url', value: gatewayUri(gatewayId) } as const];
    return await issued(this.authority, { commonName: gatewayId, altNames, usages: ['client'], ...order }, nowMs);
  }
}

async function issued(
  authority: CertificateAuthority,
  order: Omit<CertificateOrder, 'publicKey' | 'validMs'> & { validMs?: number },
  nowMs = Date.now(),
): Promise<TestIdentity> {
  const { publicKey, keyPem } = await newKeyPair();
  const { chainPem, serial } = await authority.issue({ validMs: 90 * dayMs, ...order, publicKey }, nowMs);
  return { key: keyPem, cert: chainPem, ca: authority.certificatesPem, serial };
}

class MemoryFolder extends KeyFolder {
  readonly #texts = new Map<string, string>();

  constructor() {
    super('memory');
  }

  override open(): void {
    // Nothing to make.
  }

  override read(name: string): string | undefined {
    return this.#texts.get(name);
  }

  override has(name: string): boolean {
    return this.#texts.has(name);
  }

  override write(name: string, content: string | Uint8Array): void {
    this.#texts.set(name, Buffer.from(content).toString());
  }
}
