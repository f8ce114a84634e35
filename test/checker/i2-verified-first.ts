import type { Moment, RunEvidence } from './evidence.ts';
import type { Part } from './part.ts';

export const verifiedFirst: readonly Part[] = [
  { name: 'I2.order', check: ({ timeline }) => (timeline === undefined ? 'unchecked' : checkOrder(timeline)) },
  {
    name: 'I2.evidence',
    check: ({ timeline }) => {
      const passes = timeline?.filter(moment => moment.what === 'verified' && moment.verdict === 'passed');
      if (passes === undefined || passes.length === 0) return 'unchecked';
      return passes.flatMap(moment => {
        if (moment.what !== 'verified' || moment.probes === undefined) return [];
        const bad = moment.probes.filter(verdict => verdict !== 'passed');
        return bad.length === 0 && moment.probes.length > 0
          ? []
          : [
              `verification at ${moment.at} passed on ${moment.probes.length} probes, of which ${bad.join(', ') || 'none'}`,
            ];
      });
    },
  },
  { name: 'I2.from-outside', check: checkAnswers },
];

/** Each opening needs a verification that passed, of what it opens to, after the last change. */
function checkOrder(timeline: readonly Moment[]): readonly string[] {
  let last: Extract<Moment, { what: 'verified' }> | undefined;
  return timeline.flatMap((moment): string[] => {
    if (moment.what === 'verified') last = moment;
    if (moment.what === 'changed') last = undefined;
    if (moment.what !== 'gate-open') return [];
    const opening = `gate ${moment.gate} was told to open to the ${moment.to} at ${moment.at}`;
    if (last === undefined) return [`${opening}, and nothing was verified since the last change`];
    if (last.of !== moment.to) return [`${opening}, and what was verified is the ${last.of}`];
    return last.verdict === 'passed' ? [] : [`${opening}, and verification was ${last.verdict}`];
  });
}

/** While every gate is shut, nobody is answered. */
function checkAnswers({ timeline, answers, gates }: RunEvidence): readonly string[] | 'unchecked' {
  if (timeline === undefined || answers === undefined || gates === undefined) return 'unchecked';
  const open = new Set(gates.map(({ gate }) => gate));
  const shutTimes: { readonly from: string; to: string }[] = [];
  for (const moment of timeline) {
    if (moment.what === 'gate-shut' && open.delete(moment.gate) && open.size === 0)
      shutTimes.push({ from: moment.at, to: '9999' });
    if (moment.what !== 'gate-open') continue;
    const time = shutTimes.at(-1);
    if (open.size === 0 && time !== undefined) time.to = moment.at;
    open.add(moment.gate);
  }
  return answers
    .filter(({ at }) => shutTimes.some(({ from, to }) => at > from && at < to))
    .map(({ at }) => `an answer came at ${at}, while every gate was shut`);
}
