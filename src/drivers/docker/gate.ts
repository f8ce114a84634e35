import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Evidence, Gate } from '../contract.ts';
import type { DockerClient } from './client.ts';
import { startContainer } from './starting.ts';
import { stopContainer } from './stopping.ts';

/** Longer than a healthy answer takes; an address that keeps silent that long says nothing about who could get in. */
const ANSWER_WITHIN_MS = 3_000;

/** Gates that are shut by stopping the container that lets traffic in, with its own stop signal (nginx: SIGQUIT drains). */
export function createStopGate(client: DockerClient): Gate {
  return {
    // What is still under way after the grace is cut: a gate that will not drain must shut all the same.
    shut: (gate, call, only) =>
      stopContainer(client, { container: gate.container, grace: gate.grace, hard: true, only }, call),
    open: (gate, call, as, only) => startContainer(client, gate.container, call, as, only),
    isShut: (gate, look) => knock(gate.observe.http, look.signal),
  };
}

/**
 * One request, as a user would make it, over a connection of its own. Refused: shut. Any answer, or a connection that
 * is taken and then dropped: somebody is let in. Silence and an address that cannot be reached from here prove nothing.
 */
export function knock(url: string, signal: AbortSignal): Promise<Evidence> {
  return new Promise(resolve => {
    const say = (verdict: Evidence['verdict'], reason: string) => resolve({ verdict, reason: `${url}: ${reason}` });
    const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
    const make = url.startsWith('https:') ? requestHttps : requestHttp;
    let connected = false;
    const asked = make(url, { agent: false, signal: either, rejectUnauthorized: false }, answer => {
      answer.destroy();
      say('failed', `answered ${answer.statusCode}: expected the connection to be refused`);
    });
    asked.on('socket', socket => socket.on('connect', () => (connected = true)));
    asked.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return say('passed', 'connection refused, as it should be while shut');
      if (signal.aborted) return say('inconclusive', 'cancelled before there was an answer');
      if (either.aborted)
        return say('inconclusive', `no answer within ${ANSWER_WITHIN_MS / 1_000}s: expected a refused connection`);
      if (connected)
        return say('failed', `took the connection, then ${error.code ?? error.message}: expected it to be refused`);
      return say('inconclusive', `${error.code ?? error.message}: expected the connection to be refused`);
    });
    asked.end();
  });
}
