import { createServer } from 'node:http';
import { poll } from '../../testbed/process/poll.ts';

/** Somebody else's program that wants a port, and gets it as soon as whoever has it lets go. */
export interface Stranger {
  leave(): Promise<void>;
}

/** It answers 503, so that nobody takes it for the platform. Resolves once it has the port. */
export const takePort = (port: number, host = '127.0.0.1'): Promise<Stranger> =>
  poll({ what: `port ${port} to be free`, deadlineMs: 60_000, everyMs: 2 }, async () => {
    const server = createServer((_, answer) => answer.writeHead(503, { connection: 'close' }).end());
    const has = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false));
      server.listen(port, host, () => resolve(true));
    });
    if (!has) return undefined;
    const leave = () =>
      new Promise<void>(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    return { leave };
  });
