import { type Answer, allowedAnswers } from './answers.ts';
import { countsFor } from './approval.ts';

/** What a run can be told; `cancel` comes from Temporal itself. */
export type MessageKind =
  | 'confirm'
  | 'deny'
  | 'pause'
  | 'resume'
  | 'abort'
  | 'decide'
  | 'acknowledge'
  | 'alert'
  | 'cancel';

/** Where the run stands, as far as a message's weight depends on it. */
export interface HearingFacts {
  /** Absent until the run is admitted. */
  readonly hash?: string;
  readonly touched: boolean;
  /** Past the line. */
  readonly hasOpened: boolean;
  readonly undoing: boolean;
  readonly held: boolean;
  readonly paused: boolean;
  readonly closed: boolean;
  readonly aborted: boolean;
}

/** What a message says and whether it counts; nonsense is heard too, and never does. */
export interface Hearing {
  readonly readable: boolean;
  readonly counted: boolean;
  readonly why: string;
  readonly by: string;
  readonly reason: string;
  readonly hash: string;
  readonly answer?: Answer;
}

/** The most of a sender's text that is kept. */
const LONGEST = 500;

/** Pure, and never throws, whatever `said` is. */
export function judgeMessage(kind: MessageKind, said: unknown, f: HearingFacts): Hearing {
  const fields = fieldsOf(said);
  const by = text(fields, 'by');
  const reason = text(fields, 'reason');
  const hash = text(fields, 'hash').toLowerCase();
  const heard = { by: by === '' ? 'unknown' : by, reason, hash };
  if (by === '') return { ...heard, readable: false, counted: false, why: 'expected {"by": "a name", …}' };
  const { readable = true, ...weight } = weigh(kind, { by, hash, decide: text(fields, 'decide') }, f);
  return { ...heard, readable, ...weight };
}

type Weight = {
  readonly readable?: boolean;
  readonly counted: boolean;
  readonly why: string;
  readonly answer?: Answer;
};
const counts = (why: string): Weight => ({ counted: true, why });
const ignored = (why: string): Weight => ({ counted: false, why });

function weigh(kind: MessageKind, said: { by: string; hash: string; decide: string }, f: HearingFacts): Weight {
  if (f.closed) return ignored('the run is closed');
  switch (kind) {
    case 'confirm':
      if (f.hash === undefined) return ignored('too early: the run hash is not known yet');
      if (f.touched) return ignored('too late: the freeze has begun');
      return countsFor(f.hash, { kind: 'confirm', by: said.by, hash: said.hash });
    case 'deny':
      return f.touched ? ignored('too late: the freeze has begun; abort instead') : counts('the run ends refused');
    case 'pause':
      if (f.undoing) return ignored('it is being undone, which goes on to its end');
      return f.paused ? ignored('it is paused already') : counts('it stops before the next step');
    case 'resume':
      return f.paused ? counts('it goes on') : ignored('it is not paused');
    case 'abort':
    case 'cancel':
      if (f.hasOpened) return ignored('too late: traffic has opened; going back is a new run');
      if (f.undoing) return ignored('it is being undone already');
      return f.aborted ? ignored('it is aborted already') : counts('everything is undone');
    case 'decide':
      return weighAnswer(said.decide, f);
    case 'acknowledge':
      return counts('the escalation stops climbing');
    case 'alert':
      return counts('kept as evidence');
  }
}

function weighAnswer(decide: string, f: HearingFacts): Weight {
  const allowed = allowedAnswers(f);
  const answer = (['retry', 'revert', 'handover'] as const).find(one => one === decide);
  if (answer === undefined) {
    return {
      readable: false,
      counted: false,
      why: `${JSON.stringify(decide)}: expected "decide" to be ${allowed.join(', ')}`,
    };
  }
  if (!f.held) return ignored('the run asks nothing now');
  if (!allowed.includes(answer)) return ignored(`${answer} is not possible here: ${allowed.join(' or ')}`);
  return { counted: true, why: 'answered', answer };
}

const fieldsOf = (said: unknown): Record<string, unknown> =>
  typeof said === 'object' && said !== null && !Array.isArray(said) ? (said as Record<string, unknown>) : {};

const text = (fields: Record<string, unknown>, key: string): string => {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  return typeof value === 'string' ? value.trim().slice(0, LONGEST) : '';
};
