import type { ApprovalRule } from '../plan/plan.ts';

/** One confirmation or denial as the run heard it. */
export interface Vote {
  readonly kind: 'confirm' | 'deny';
  readonly by: string;
  /** What the sender says was approved: a prefix of a run hash. */
  readonly hash: string;
}

export interface ApprovalFacts {
  readonly rule: ApprovalRule;
  readonly hash: string;
  readonly requester: string;
  readonly votes: readonly Vote[];
  /** Milliseconds since the epoch: when the asking began, and now. */
  readonly askedAt: number;
  readonly now: number;
}

export type ApprovalVerdict =
  | { readonly verdict: 'approved'; readonly reason: string }
  | { readonly verdict: 'denied' | 'expired'; readonly reason: string }
  | { readonly verdict: 'waiting'; readonly reason: string; readonly missing: number; readonly until: number };

/** Below this a prefix says too little of the hash. */
export const SHORTEST_HASH = 8;

/** Pure: does this confirmation count for this hash? Exactly at its expiry an approval is expired. */
export function countsFor(hash: string, vote: Vote): { readonly counted: boolean; readonly why: string } {
  const given = vote.hash.toLowerCase();
  if (given.length < SHORTEST_HASH)
    return { counted: false, why: `${given.length} of at least ${SHORTEST_HASH} characters of the run hash` };
  if (!hash.startsWith(given))
    return { counted: false, why: `for run hash ${given.slice(0, 12)}, this run is ${hash.slice(0, 12)}` };
  return { counted: true, why: `for run hash ${hash.slice(0, 12)}` };
}

/** Pure: distinct people, of the right hash, in time. One denial outweighs every confirmation. */
export function judgeApproval(f: ApprovalFacts): ApprovalVerdict {
  const denial = f.votes.find(vote => vote.kind === 'deny');
  if (denial !== undefined) return { verdict: 'denied', reason: `denied by ${denial.by}` };
  const people = new Set(
    f.votes.filter(vote => vote.kind === 'confirm' && countsFor(f.hash, vote).counted).map(vote => vote.by),
  );
  const arithmetic = `${people.size} of ${f.rule.approvals} approvals`;
  if (people.size >= f.rule.approvals) {
    return {
      verdict: 'approved',
      reason: people.size > 0 ? `${arithmetic}: ${[...people].join(', ')}` : `${arithmetic} are asked for`,
    };
  }
  const until = f.askedAt + f.rule.within;
  if (f.now >= until) return { verdict: 'expired', reason: `${arithmetic} within its time` };
  return { verdict: 'waiting', reason: arithmetic, missing: f.rule.approvals - people.size, until };
}
