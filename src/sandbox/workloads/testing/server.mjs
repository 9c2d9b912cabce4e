// A small HTTP server for tests: what it does is set by its environment.
import { createServer } from 'node:http';

const { MODE = 'good', VERSION = 'v1', HOST = '127.0.0.1' } = process.env;
const port = Number(process.env.PORT ?? 8080);
let healthy = true;

console.log(`${VERSION} starting in ${process.env.POD_NAME ?? 'nowhere'}`);
if (process.env.SAY_PID) console.log(`pid ${process.pid}`);
if (MODE === 'done') process.exit(0);
if (MODE === 'crash') {
  console.error(`${VERSION} cannot go on`);
  process.exit(3);
}

const answers = {
  '/version': () => [200, VERSION],
  '/healthz': () => [healthy ? 200 : 500, 'health'],
  '/readyz': () => [MODE === 'never-ready' ? 503 : 200, 'ready'],
  '/pid': () => [200, String(process.pid)],
  '/env': () => [200, JSON.stringify(process.env)],
  '/break': () => {
    healthy = false;
    return [200, 'broken'];
  },
};

const server = createServer((request, response) => {
  const [status, body] = answers[request.url]?.() ?? [404, 'unknown'];
  response.writeHead(status).end(body);
});
server.listen(port, HOST, () => console.log(`${VERSION} listening on ${port}`));

process.on('SIGTERM', () => {
  if (MODE === 'ignores-sigterm') return console.log('not yet');
  console.log('bye');
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
