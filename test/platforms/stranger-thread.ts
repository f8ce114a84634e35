import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** The thread of `takePort`: wants the port until it has it, and says so once. It answers 503, so that nobody takes it for the platform. */
const { port, host } = workerData as { readonly port: number; readonly host: string };
const server = createServer((_, answer) => answer.writeHead(503, { connection: 'close' }).end());
const want = () => server.listen(port, host);
server.on('error', () => setTimeout(want, 2));
server.on('listening', () => parentPort?.postMessage('it has the port'));
want();
