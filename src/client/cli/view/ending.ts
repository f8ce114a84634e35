import { formatDuration } from '../../../plan/duration.ts';
import type { RunProgress } from '../../../run/progress.ts';
import type { RunReport } from '../../../run/report.ts';
import { type Style, wrap } from './paint.ts';
import { commands, INDENT, named, type Sheet } from './sheet.ts';

const STYLE: Readonly<Record<RunReport['outcome'], Style>> = {
  completed: 'green',
  reverted: 'yellow',
  refused: 'yellow',
  held: 'red',
  open: [],
};

/** How it ended, why, what is left behind, and what to do next. */
export function endingLines(p: RunProgress, report: RunReport, sheet: Sheet): string[] {
  const { paint, width } = sheet;
  const room = width - INDENT - 2;
  const whole = `lastgood report ${report.platform} --run ${report.run}`;
  const failedStep = p.steps.findLast(step => step.result !== undefined && step.result.verdict !== 'passed');
  const culprits = (failedStep?.result?.targets ?? []).filter(target => target.verdict !== 'passed').slice(0, 5);
  const outage = report.outageMs === undefined ? '' : `outage ${formatDuration(report.outageMs)}, `;
  return [
    ...wrap(report.headline, width - 4).map(line =>
      paint(['bold', STYLE[report.outcome]].flat() as Style, `  ${line}`),
    ),
    ...(report.outcome === 'completed'
      ? []
      : culprits.flatMap(one => named(one.verdict, wrap(`${one.target}: ${one.note}`, room)))),
    ...report.leftBehind.flatMap(what => named('left behind', wrap(what, room))),
    ...named('time', [`${outage}total ${formatDuration(report.totalMs ?? 0)}`]),
    ...commands('next', report.next, sheet),
    ...commands('report', report.next.includes(whole) ? [] : [whole], sheet),
  ];
}
