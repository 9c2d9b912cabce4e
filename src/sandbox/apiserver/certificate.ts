import { generate } from 'selfsigned';

/** A private key and a certificate of its own for the loopback address, both PEM; the certificate is its own authority. */
export interface Certificate {
  key: string;
  cert: string;
}

/** Valid from yesterday, for a year: longer than any sandbox lives. */
export async function loopbackCertificate(): Promise<Certificate> {
  const day = 86_400_000;
  const pems = await generate([{ name: 'commonName', value: 'ebb-sandbox' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - day),
    notAfterDate: new Date(Date.now() + 365 * day),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes.default.svc' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}
