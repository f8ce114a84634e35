import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

const FIRST = 20_000;
const END = 32_000;
/** Ports that are chosen together: whoever asks for one may use those that follow it. */
const RANGE = 10;

/**
 * A port of the loopback address that nobody listens on, nor on the nine after it, below the range from which the kernel
 * gives outgoing connections theirs: a client that retries while its server is down could otherwise be connected to
 * itself, and the server would find its port taken when it comes back. All ten are this process's for as long as it lives:
 * nobody else is given one that is not listened on yet, or for a moment.
 */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + RANGE * randomInt((END - FIRST) / RANGE);
    if ((await claim(port)) && (await isFree(host, port))) return port;
  }
  throw new Error(`${host}: no free port was found between ${FIRST} and ${END}`);
}

/** A name that the kernel gives to one process at a time, and takes back when it ends; only Linux has such. */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const server = await listen({ path: `\0lastgood-port-${port}` });
  server?.unref();
  return server !== undefined;
}

async function isFree(host: string, first: number): Promise<boolean> {
  for (let port = first; port < first + RANGE; port++) {
    const server = await listen({ host, port });
    if (server === undefined) return false;
    await new Promise(resolve => server.close(resolve));
  }
  return true;
}

const listen = (at: { path: string } | { host: string; port: number }): Promise<Server | undefined> =>
  new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(at, () => resolve(server));
  });
