import { formatDuration } from '../../../plan/duration.ts';
import type { RunProgress, StepRecord } from '../../../run/progress.ts';
import { plain } from './paint.ts';

/** Pure: what happened between two looks at a run, one line each, for logs and pipes. */
export function newsOf(before: RunProgress | undefined, after: RunProgress): string[] {
  const lines: string[] = [];
  if (before?.outline === undefined && after.outline !== undefined) {
    lines.push(
      `${after.outline.platform} back to ${after.outline.release}, run hash ${after.outline.hash.slice(0, 12)}`,
    );
  }
  after.steps.forEach((step, index) => {
    const known = before?.steps[index];
    if (step.endedAt !== undefined) {
      if (known?.endedAt === undefined) lines.push(endOf(step));
    } else if (known === undefined) lines.push(`${nameOf(step)} …`);
    if (step.pastTarget && known?.pastTarget !== true) lines.push(`${nameOf(step)}: past its target`);
  });
  if (after.pastTotal !== undefined && after.pastTotal !== before?.pastTotal)
    lines.push(`the run is past ${formatDuration(after.pastTotal)}, which was planned for all of it`);
  if (after.part !== '' && after.part !== before?.part) lines.push(`  ${after.part}`);
  if (before !== undefined && after.traffic !== before.traffic) lines.push(trafficOf(after));
  if (after.state !== before?.state && (after.state === 'held' || after.state === 'paused')) {
    lines.push(`${after.state.toUpperCase()}: ${after.headline}`);
  }
  if (after.awaiting !== undefined && after.awaiting.what !== before?.awaiting?.what) {
    const { what, whom, until, silence, how } = after.awaiting;
    lines.push(`awaited: ${what}, from ${whom.join(', ')}, until ${until ?? 'without limit'}; ${silence}`);
    lines.push(...how.map(command => `  ${command}`));
  }
  return lines.map(line => (line.startsWith('  ') ? `  ${plain(line)}` : plain(line)));
}

const nameOf = (step: StepRecord): string =>
  `${step.direction === 'undo' ? 'undo ' : ''}${step.step}${step.round > 1 ? ` (round ${step.round})` : ''}`;

function endOf(step: StepRecord): string {
  const time = formatDuration(Date.parse(step.endedAt ?? step.beganAt) - Date.parse(step.beganAt));
  const { verdict = 'inconclusive', reason = '' } = step.result ?? {};
  return `${nameOf(step)} ${verdict} in ${time}${reason === '' ? '' : `: ${reason}`}`;
}

const trafficOf = (p: RunProgress): string =>
  p.traffic === 'not-shut' ? `TRAFFIC NOT SHUT: ${p.notShut.join(', ')}` : `TRAFFIC ${p.traffic.toUpperCase()}`;
