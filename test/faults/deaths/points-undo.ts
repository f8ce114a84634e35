import { send } from '../../../src/client/runs.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { isBegun } from './journal-says.ts';
import { type Point, type Scene, whileHeld } from './point.ts';

const UNDO = { direction: 'undo', outcome: 'reverted' } as const;

/**
 * Everything is swapped and started: somebody aborts while it is being verified, and all of it is taken back. The call
 * is waited for from before the abort on: the undo may be quicker than whoever watches it.
 */
const undoing = (point: Parameters<typeof whileHeld>[0]): Point => {
  const undo = whileHeld({ ...point, ...UNDO });
  return {
    ...undo,
    async reach(scene) {
      const aborted = abortInVerify(scene);
      await undo.reach(scene);
      await aborted;
    },
  };
};

export async function abortInVerify({ stand, entries }: Scene): Promise<void> {
  await poll({ what: 'the run to verify', deadlineMs: 120_000, everyMs: 5 }, () => isBegun(entries(), 'judge-inside'));
  const { heeded } = await send(stand.at, stand.platform, 'abort', { by: 'manager', reason: 'not today' });
  if (heeded?.counted !== true) throw new Error(`the abort did not count: ${heeded?.why}`);
}

export const UNDOING: readonly Point[] = [
  undoing({
    name: 'undo, stopping again, one stopped, another to be told',
    step: 'start-tiers',
    activity: 'stopTier',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'kill' && name === 'cache',
    claim: { done: ['undo start-tiers store stop'], begun: ['undo start-tiers cache stop'] },
  }),
  undoing({
    name: 'undo, swapping back, the release taken out, the found one not put back',
    step: 'swap-in',
    activity: 'swapBack',
    moment: 'unheard',
    call: ({ verb, to }) => verb === 'rename' && to === 'work',
    claim: {
      done: ['undo swap-in work rename-release', 'undo swap-in front rename-found'],
      begun: ['undo swap-in work rename-found'],
    },
  }),
  undoing({
    name: 'undo, starting as found, one started, another not',
    step: 'stop-tiers',
    activity: 'startTierAsFound',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'start' && name === 'front',
    claim: { done: ['undo stop-tiers work start'], begun: ['undo stop-tiers front start'] },
  }),
  undoing({
    name: 'undo, traffic let in again, the policy of the gate not given back',
    step: 'shut-gates',
    activity: 'openGates',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'update' && name === 'gate',
    claim: { done: ['undo shut-gates gate start'], begun: ['undo shut-gates gate policy-back'] },
  }),
  undoing({
    name: 'undo, dropping what was staged, one dropped, another not',
    step: 'stage',
    activity: 'dropStaged',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'remove' && name.startsWith('front.lg-'),
    claim: { done: ['undo stage work remove'], begun: ['undo stage front remove'] },
  }),
];
