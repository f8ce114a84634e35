import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A real HTTP server on a free loopback port, ended with the test. */
export const serveHttp = (t: TestContext, listener: RequestListener): Promise<number> =>
  listen(t, createServer(listener));

/** A real TCP server that does with each connection what it is told. */
export const serveTcp = (t: TestContext, listener: (socket: Socket) => void): Promise<number> =>
  listen(t, createTcpServer(listener));

async function listen(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise(resolve => server.close(resolve));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
