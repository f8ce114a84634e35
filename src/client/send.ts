import { WorkflowUpdateFailedError } from '@temporalio/client';
import {
  type Confirm,
  type Decide,
  type Heeded,
  type MessageName,
  rollbackId,
  type Said,
  UPDATES,
} from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { pollersOf } from './pollers.ts';
import { Refusal } from './refusal.ts';
import { asRefusal, codeOf, reasonOf } from './service-error.ts';
import { progressOf } from './sight.ts';

const ANSWER_WITHIN_MS = 10_000;

export interface Sent {
  /** `answered`: the run said whether it counts. `left`: it is kept for the run, which says nothing back. */
  readonly how: 'answered' | 'left';
  readonly heeded?: Heeded;
  readonly why: string;
}

/**
 * Tells an open run something: as an update, whose answer is waited for, where there is one and a worker is there;
 * else as a signal, which the server keeps until the run hears it.
 * @throws Refusal no-run | refused (it could not be read) | no-worker (an answer that did not come: it may have been heard)
 */
export async function send(
  at: Reached,
  platform: string,
  name: MessageName,
  said: Confirm | Said | Decide,
  run?: string,
): Promise<Sent> {
  const handle = at.client.workflow.getHandle(rollbackId(platform), run);
  const answers = UPDATES.includes(name);
  const awake = (await pollersOf(at, at.queue, 'workflow')).length > 0;
  try {
    if (!answers || !awake) {
      await handle.signal(name, said);
      const heeded = awake ? await whatBecameOf(at, { platform, name, by: said.by, run }) : undefined;
      const why =
        heeded?.why ??
        (awake
          ? 'the run has not answered; it hears it when its worker does'
          : 'no worker is there: the run hears it when one is back');
      return { how: 'left', why, ...(heeded === undefined ? {} : { heeded }) };
    }
    const heeded = await at.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<Heeded, [unknown]>(name, { args: [said] }),
    );
    return { how: 'answered', heeded, why: heeded.why };
  } catch (error) {
    throw await sendingFailed(error, { platform, name, run });
  }
}

/** A query is answered after the signals before it: what it says of the message is the run's own word. */
async function whatBecameOf(
  at: Reached,
  sent: { platform: string; name: string; by: string; run: string | undefined },
): Promise<Heeded | undefined> {
  const progress = await progressOf(at, sent.platform, sent.run).catch(() => undefined);
  const heard = progress?.heard.findLast(message => message.kind === sent.name && message.by === sent.by);
  return heard === undefined ? undefined : { counted: heard.counted, why: heard.why };
}

async function sendingFailed(
  error: unknown,
  about: { platform: string; name: string; run: string | undefined },
): Promise<unknown> {
  const { platform, name, run } = about;
  if (error instanceof WorkflowUpdateFailedError) {
    return new Refusal('refused', `${name} was not taken: ${reasonOf(error)}`, { cause: error });
  }
  if (codeOf(error) === 'NOT_FOUND' && !/namespace/i.test(reasonOf(error))) {
    return new Refusal('no-run', `no run of ${platform} is open${run === undefined ? '' : ` with the id ${run}`}`, {
      next: [`lastgood status ${platform}`],
      cause: error,
    });
  }
  if (['DEADLINE_EXCEEDED', 'CANCELLED'].includes(codeOf(error) ?? '') || isLateAnswer(error)) {
    return new Refusal(
      'no-worker',
      `no worker answered to ${name} within ${ANSWER_WITHIN_MS / 1_000} s; it may have been heard`,
      {
        changed: 'unknown',
        next: [`see whether it was: lastgood status ${platform}`, 'start a worker: lastgood worker'],
        cause: error,
      },
    );
  }
  return asRefusal(error, `${name} to the run of ${platform}`);
}

const isLateAnswer = (error: unknown): boolean =>
  error instanceof Error && error.name === 'WorkflowUpdateRPCTimeoutOrCancelledError';
