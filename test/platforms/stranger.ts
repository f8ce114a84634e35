import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Somebody else's program that wants a port, and gets it as soon as whoever has it lets go. */
export interface Stranger {
  leave(): Promise<void>;
}

/** It answers 503, so that nobody takes it for the platform. Resolves once it has the port. */
export async function takePort(port: number, host = '127.0.0.1'): Promise<Stranger> {
  const until = Date.now() + 60_000;
  for (;;) {
    const server = createServer((_, answer) => answer.writeHead(503, { connection: 'close' }).end());
    const has = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, host, () => resolve(true));
    });
    if (has)
      return {
        leave: () =>
          new Promise(resolve => {
            server.closeAllConnections();
            server.close(() => resolve());
          }),
      };
    if (Date.now() > until) throw new Error(`port ${port} was never free`);
    await delay(2);
  }
}
