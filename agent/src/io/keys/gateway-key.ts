/** The private key of a gateway, of P-256. */
export type GatewayKey = {
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKeyDer: Uint8Array;
  /** ECDSA with SHA-256 over these bytes, DER. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  /** What TLS takes to prove this key: PEM of a file; another kind gives here what names it to OpenSSL. */
  readonly tls: { readonly key: string };
};
