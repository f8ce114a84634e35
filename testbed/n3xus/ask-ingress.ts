import { type Agent, request } from 'node:http';
import type { Answer } from './traffic-record.ts';

export interface Question {
  readonly url: string;
  readonly path: string;
  readonly agent?: Agent;
  readonly token?: string;
  /** Makes it a POST. */
  readonly body?: object;
}

/** One request as a user makes it. Never throws: what went wrong is the answer's `error`. */
export function askIngress({ url, path, agent, token, body }: Question): Promise<Answer & { body: unknown }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const at = Date.now();
  return new Promise(resolve => {
    const failed = (error: NodeJS.ErrnoException) =>
      resolve({
        at,
        tookMs: Date.now() - at,
        path,
        status: 0,
        error: error.code ?? error.message,
        servedBy: [],
        body: undefined,
      });
    const outgoing = request(`${url}${path}`, {
      method: text === undefined ? 'GET' : 'POST',
      ...(agent === undefined ? {} : { agent }),
      timeout: 8000,
      headers: {
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 8 s')));
    outgoing.on('error', failed);
    outgoing.on('response', incoming => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', failed);
      incoming.on('end', () => {
        const servedBy = String(incoming.headers['x-served-by'] ?? '')
          .split(',')
          .map(part => part.trim())
          .filter(part => part !== '');
        const answer = { at, tookMs: Date.now() - at, path, status: incoming.statusCode ?? 0, servedBy };
        resolve({ ...answer, body: readJson(Buffer.concat(parts).toString('utf8')) });
      });
    });
    outgoing.end(text);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
