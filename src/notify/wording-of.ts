import type { Budget } from '../plan/plan.ts';
import type { RunProgress } from '../run/progress.ts';
import { reportOf } from '../run/report.ts';
import type { Saying } from '../run/saying.ts';
import { failed as failedResult, STEPS, type StepName } from '../run/step.ts';
import { confirmationAwaited, pastTarget, pastTotal, runStarted } from './asking.ts';
import { completed, handedOver, refused, reverted, stillKept, worse } from './ending.ts';
import { escalated, failedAndReverting, held } from './failing.ts';
import type { About, Failed, Outlook, Wording } from './parts.ts';
import type { Standing } from './wording.ts';

/**
 * Puts the facts of a run in words. Pure: the same facts are the same words, however often they are sent.
 * @param platform its name, for what is said when no request is known
 */
export function wordingOf(saying: Saying, platform = 'the platform'): Wording {
  const { kind, progress: p, level, levels, within, reason } = saying;
  const about = aboutOf(p, platform);
  const standing = standingOf(p);
  const onLevel = (first: Wording): Wording => (level > 0 ? escalated(about, first, { level, levels, within }) : first);
  switch (kind) {
    case 'awaiting':
      return p.awaiting === undefined
        ? runStarted(about, { ...outlookOf(p), ...requestOf(p) })
        : confirmationAwaited(about, { ...outlookOf(p), awaiting: p.awaiting });
    case 'still-awaiting':
      return onLevel(confirmationAwaited(about, { ...outlookOf(p), awaiting: askedAgain(p, reason) }));
    case 'past-target':
      return pastTarget(about, { phase: phaseOf(p), part: p.part, budget: budgetOf(p), standing });
    case 'past-total':
      return pastTotal(about, reason, standing);
    case 'reverting':
      return failedAndReverting(about, { failed: failedOf(p, reason), standing });
    case 'held':
      return onLevel(held(about, { failed: failedOf(p, reason), standing, awaiting: p.awaiting ?? NOBODY_ASKED }));
    case 'worse':
      return worse(about, reason);
    case 'kept':
      return stillKept(about, reason);
    case 'closed':
      return closed(about, p, standing);
  }
}

function closed(about: About, p: RunProgress, standing: Standing): Wording {
  const { outageMs, totalMs = 0, leftBehind } = reportOf(p);
  const ended = { total: totalMs, leftBehind, ...(outageMs === undefined ? {} : { outage: outageMs }) };
  switch (p.outcome) {
    case 'completed':
      return completed(about, { ...ended, ...outlookOf(p), aftercare: p.outline?.aftercare.for ?? 0 });
    case 'reverted':
      return reverted(about, { ...ended, why: p.headline, standing: { ...standing, swapped: false } });
    case 'refused':
      return refused(about, failedOf(p, p.headline));
    default: {
      const decided = p.heard.findLast(heard => heard.kind === 'decide' && heard.counted);
      return handedOver(about, { by: decided?.by ?? 'a person', reason: decided?.reason ?? p.headline, standing });
    }
  }
}

function aboutOf(p: RunProgress, platform: string): About {
  const release = p.outline?.release ?? p.request?.release ?? 'the last good release';
  return { platform: p.request?.platform ?? platform, run: p.run, holder: p.admittedAs ?? p.run, release };
}

const standingOf = (p: RunProgress): Standing => ({
  touched: p.frozenAt !== undefined,
  swapped: isSwapped(p),
  traffic: p.traffic,
  notShut: p.notShut,
});

const at = (step: StepName): number => STEPS.indexOf(step);

/** From the newest step alone: what is said carries only the last few. */
function isSwapped(p: RunProgress): boolean {
  const last = p.steps.at(-1);
  if (last === undefined || p.frozenAt === undefined) return false;
  if (last.direction === 'forward') return at(last.step) >= at('swap-in');
  // An undo of these two is the look at what was put back.
  if (last.step === 'judge-inside' || last.step === 'judge-front-door') return false;
  return last.step === 'swap-in' ? last.result?.verdict !== 'passed' : at(last.step) > at('swap-in');
}

/** The newest step that did not pass, with the reason that is given for it. */
function failedOf(p: RunProgress, reason: string): Failed {
  const record = p.steps.findLast(step => step.result !== undefined && step.result.verdict !== 'passed');
  const { step, direction, round } = record ?? p;
  const result = record?.result ?? failedResult(reason);
  return { step, direction, round, result: reason === '' ? result : { ...result, reason } };
}

const outlookOf = (p: RunProgress): Outlook => ({
  hash: p.outline?.hash ?? '',
  changes: p.outline?.changes ?? [],
  losses: p.losses,
  lossCeiling: p.outline?.lossCeiling ?? 0,
  forecast: p.outline?.forecast ?? { outage: 0, total: 0, from: 'estimated' },
});

const requestOf = (p: RunProgress) => ({
  requester: p.request?.requester ?? 'nobody known',
  reason: p.request?.reason ?? '',
  severity: p.request?.severity ?? '',
  mode: p.request?.mode ?? '',
});

const phaseOf = (p: RunProgress) => (p.direction === 'undo' ? 'undo' : p.phase);

/** Before the plan is read nobody has planned how long it takes. */
function budgetOf(p: RunProgress): Budget | undefined {
  const phase = phaseOf(p);
  return phase === 'confirm' ? undefined : p.outline?.budgets[phase];
}

const NOBODY_ASKED = { what: 'an answer', whom: [], silence: 'nothing happens', how: [] } as const;

/** The same question to another level, with the time that it is given anew. */
function askedAgain(p: RunProgress, reason: string) {
  const asked = p.awaiting ?? NOBODY_ASKED;
  const until = 'until' in asked && asked.until !== undefined ? Date.parse(asked.until) : Number.NaN;
  const anew = until + (p.outline?.approval.within ?? 0);
  const time = Number.isNaN(anew) ? {} : { until: new Date(anew).toISOString() };
  return { ...asked, ...time, what: `${asked.what} (so far ${reason})` };
}
