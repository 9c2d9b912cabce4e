/** An admission webhook that denies what it is asked about, on a thread of its own: the sandbox stands still while it asks. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { loopbackCertificate } from '../certificate.ts';

export interface DenyingWebhook {
  /** `clientConfig` of the registration. */
  clientConfig: { url: string; caBundle: string };
  stop(): Promise<void>;
}

const THREAD = `
const { parentPort, workerData: { key, cert, message } } = require('node:worker_threads');
const server = require('node:https').createServer({ key, cert }, (request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { apiVersion, kind, request: asked } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: false, status: { code: 403, message } } }));
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** @param message why it denies */
export async function startDenyingWebhook(message: string): Promise<DenyingWebhook> {
  const { key, cert } = await loopbackCertificate();
  const thread = new Worker(THREAD, { eval: true, workerData: { key, cert, message } });
  const [port] = (await once(thread, 'message')) as [number];
  return {
    clientConfig: { url: `https://127.0.0.1:${port}/validate`, caBundle: Buffer.from(cert, 'utf8').toString('base64') },
    stop: async () => void (await thread.terminate()),
  };
}
