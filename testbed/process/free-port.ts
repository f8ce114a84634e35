import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port of the loopback address that nobody listens on, below the range from which the kernel gives outgoing
 * connections theirs: a client that retries while its server is down could otherwise be connected to itself, and the
 * server would find its port taken when it comes back.
 */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(host, port)) return port;
  }
  throw new Error(`${host}: no free port was found between 20000 and 32000`);
}

const isFree = (host: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
