import { createServer } from 'node:net';

/** A port of the loopback address that nobody listened on a moment ago. */
export function findFreePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error(`${host}: no port was given`));
        else resolve(address.port);
      });
    });
  });
}
