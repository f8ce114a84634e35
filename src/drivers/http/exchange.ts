import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

export interface Ask {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** The most of a body that is kept, bytes. */
  readonly largest: number;
}

export interface Answer {
  readonly status: number;
  readonly encoding: string | undefined;
  readonly body: Buffer;
  /** The body went on past `largest`, and was left there. */
  readonly cut: boolean;
}

/**
 * One request on a connection of its own (an idle one may be to a process that is gone), redirects not followed.
 * @throws what the connection threw, also when it ended within the body
 */
export function exchange({ url, method, headers, signal, largest }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const asked: ClientRequest = request(url, { method, headers, signal, agent: false });
    asked.on('error', reject);
    asked.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = (cut: boolean): void => {
        const encoding = response.headers['content-encoding'];
        resolve({ status: response.statusCode ?? 0, encoding, body: Buffer.concat(chunks), cut });
        asked.destroy();
      };
      response.on('error', reject);
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > largest) done(true);
        else chunks.push(chunk);
      });
      response.on('end', () => (response.complete ? done(false) : reject(new Error('the answer broke off'))));
      response.on('aborted', () => reject(new Error('the answer broke off')));
    });
    asked.end();
  });
}
