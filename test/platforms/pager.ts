import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Delivered } from '../checker/evidence.ts';

/** Whoever is on call: takes every message that a run sends to its webhook. */
export interface Pager {
  readonly url: string;
  readonly secretFile: string;
  readonly heard: readonly Delivered[];
  stop(): Promise<void>;
}

export async function startPager(secretFile: string): Promise<Pager> {
  const heard: Delivered[] = [];
  const server = createServer((asked, answer) => {
    const parts: Buffer[] = [];
    asked.on('data', (part: Buffer) => parts.push(part));
    asked.on('end', () => {
      const { data } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { data: Omit<Delivered, 'at'> };
      heard.push({ ...data, at: new Date().toISOString() });
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  writeFileSync(secretFile, `whsec_${randomBytes(32).toString('base64')}`, { mode: 0o600 });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/page`,
    secretFile,
    heard,
    stop: () =>
      new Promise(resolve => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
