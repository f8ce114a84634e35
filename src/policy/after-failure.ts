import type { OnFailure } from '../plan/plan.ts';

/** What policy needs to know of a step that did not pass. */
export interface FailureFacts {
  /** The freeze had begun: the live platform may no longer be as it was. */
  readonly touched: boolean;
  /** `swap-in` was begun, even when it failed. */
  readonly swapBegun: boolean;
  /** Past the line: traffic was told to open to the release. It stays so when a hold shuts the gates again. */
  readonly hasOpened: boolean;
  readonly aborted: boolean;
  /** The engine said that this run may change nothing. */
  readonly notOurs: boolean;
  readonly verdict: 'failed' | 'inconclusive' | 'foreign';
  readonly onFailure: OnFailure;
}

export interface Ruling {
  readonly answer: 'revert' | 'ask';
  readonly reason: string;
}

/** Pure. Before the line every failure may, and every abort does, revert; after it nothing is undone unasked. */
export function afterFailure(f: FailureFacts): Ruling {
  if (f.notOurs && f.touched)
    return { answer: 'ask', reason: 'the engine no longer lets this run act: a person must say whose it is' };
  if (!f.touched) return { answer: 'revert', reason: 'nothing live was touched: what was staged is dropped' };
  if (f.hasOpened) return { answer: 'ask', reason: 'traffic had opened to the release: nothing is undone unasked' };
  if (f.aborted) return { answer: 'revert', reason: 'aborted before traffic opened' };
  if (f.verdict === 'foreign')
    return { answer: 'ask', reason: 'somebody else changed the platform: undoing it is theirs to allow' };
  const answer = f.swapBegun ? f.onFailure.afterRestore : f.onFailure.beforeRestore;
  const rule = f.swapBegun ? 'on-failure.after-restore' : 'on-failure.before-restore';
  return { answer, reason: `${rule} is ${answer}` };
}
