import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import { getService } from './directory.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly bearer: string | undefined;
  json(): Promise<unknown>;
}

export interface Answer {
  readonly status: number;
  /** An object becomes JSON, a string is sent as text. */
  readonly body: object | string;
  /** `name@version` of whoever took part below; the service adds itself. */
  readonly servedBy?: readonly string[];
}

export type Handler = (asked: Asked) => Promise<Answer>;

const LARGEST_BODY = 64 * 1024;

/** An HTTP server that answers every question, a thrown one with 500. */
export function createFront(handle: Handler, answered: (answer: Answer, seconds: number) => string): Server {
  return createServer((incoming, outgoing) => {
    const began = performance.now();
    const asked: Asked = {
      method: incoming.method ?? 'GET',
      path: (incoming.url ?? '/').split('?')[0]!,
      bearer: /^Bearer (.+)$/.exec(incoming.headers.authorization ?? '')?.[1],
      json: async () => JSON.parse((await readAll(incoming)) || '{}') as unknown,
    };
    handle(asked)
      .catch((error: unknown): Answer => ({ status: 500, body: { error: String((error as Error).message) } }))
      .then(answer => {
        const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
        outgoing.writeHead(answer.status, {
          'content-type': typeof answer.body === 'string' ? 'text/plain; version=0.0.4' : 'application/json',
          'content-length': Buffer.byteLength(text),
          'x-served-by': answered(answer, (performance.now() - began) / 1000),
        });
        outgoing.end(text);
      });
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 16, timeout: 4000 });

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly bearer?: string | undefined;
  readonly body?: object;
}

/** Asks another service by name. Never throws: whoever does not answer within 4 s is a 502. */
export function ask(service: string, { method = 'GET', path, bearer, body }: Ask): Promise<Required<Answer>> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers: Record<string, string | number> = { 'content-length': Buffer.byteLength(text) };
  if (text !== '') headers['content-type'] = 'application/json';
  if (bearer !== undefined) headers['authorization'] = `Bearer ${bearer}`;
  return new Promise(resolve => {
    const lost = (error: Error) =>
      resolve({ status: 502, body: { error: `${service}: ${error.message}` }, servedBy: [] });
    const { port } = getService(service);
    const outgoing = request({ host: service, port, method, path, agent, headers, timeout: 4000 }, incoming => {
      readAll(incoming).then(answer => {
        resolve({
          status: incoming.statusCode ?? 502,
          body: readJson(answer),
          servedBy: String(incoming.headers['x-served-by'] ?? '')
            .split(',')
            .filter(part => part !== ''),
        });
      }, lost);
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 4 s')));
    outgoing.on('error', lost);
    outgoing.end(text);
  });
}

function readJson(text: string): object | string {
  try {
    return JSON.parse(text) as object;
  } catch {
    return text;
  }
}

async function readAll(stream: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > LARGEST_BODY) throw new Error('the body is larger than 64 KiB');
  }
  return Buffer.concat(parts).toString('utf8');
}
