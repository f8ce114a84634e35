import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probe } from '../../../src/drivers/probes.ts';
import { seconds } from '../../../src/plan/duration.ts';
import { findFreePort } from '../../../testbed/process/free-port.ts';
import { look } from '../../support/look.ts';
import { serveTcp } from './http-server.ts';

const ask = (host: string, port: number, signal?: AbortSignal) =>
  probe({ host }, { kind: 'tcp', port, within: seconds(0.3) }, async () => '', look(signal));

test('a listener passes', async t => {
  const port = await serveTcp(t, () => {});
  assert.deepEqual(await ask('127.0.0.1', port), { verdict: 'passed', reason: `tcp 127.0.0.1:${port}: connected` });
});

test('a refused connection fails', async () => {
  const port = await findFreePort();
  const reason = `tcp 127.0.0.1:${port}: a connection expected, refused`;
  assert.deepEqual(await ask('127.0.0.1', port), { verdict: 'failed', reason });
});

test('a host that cannot be found, and a cancelled look, are inconclusive', async t => {
  assert.equal((await ask('no-such-host.invalid', 80)).verdict, 'inconclusive');
  const port = await serveTcp(t, () => {});
  const found = await ask('127.0.0.1', port, AbortSignal.abort());
  assert.deepEqual([found.verdict, /cancelled/.test(found.reason)], ['inconclusive', true]);
});
