import { formatDuration } from '../../../plan/duration.ts';
import type { OutlineChange, RunOutline } from '../../../plan/run-plan.ts';
import type { StepResult } from '../../../run/step.ts';
import { clip, type Paint, pad, plain, wrap } from './paint.ts';
import { commands, INDENT, named, type Sheet } from './sheet.ts';

/** What `lastgood plan` shows. */
export interface PlanPage {
  readonly outline: RunOutline;
  readonly result: StepResult;
  /** Absent where the plan is about to be run. */
  readonly next?: string;
  readonly full: boolean;
}

/** Now -> release by tier, what is lost, what else was found, the forecast and the hash. Risky lines are never hidden. */
export function drawPlan(page: PlanPage, sheet: Sheet): string[] {
  const { outline, result } = page;
  const { paint, width } = sheet;
  const room = width - INDENT - 2;
  const { forecast } = outline;
  return [
    `  ${paint('bold', outline.platform)}  back to ${paint('bold', outline.release)}`,
    '',
    ...outline.tiers.flatMap(tier =>
      tierLines(
        tier.tier,
        outline.changes.filter(change => change.tier === tier.tier),
        page,
        sheet,
      ),
    ),
    ...tierLines(
      'beside the tiers',
      outline.changes.filter(change => change.tier === undefined),
      page,
      sheet,
    ),
    '',
    ...lossLines(outline, paint, room),
    ...named('gates', wrap(`${outline.gates.join(', ')}: shut from the freeze until the release is verified`, room)),
    ...named(
      'forecast',
      wrap(
        `outage ${formatDuration(forecast.outage)}, in all ${formatDuration(forecast.total)} (${forecast.from}); budget ${formatDuration(outline.budgets.total.target)}, max ${formatDuration(outline.budgets.total.max)}`,
        room,
      ),
    ),
    ...named('approval', wrap(approvalOf(outline), room)),
    ...noteLines(result, paint, room),
    ...(outline.afterwards ?? []).flatMap((what, index) =>
      named(index === 0 ? 'afterwards' : '', wrap(plain(what), room)).map(line => paint('yellow', line)),
    ),
    ...named('run hash', [outline.hash.slice(0, 12)]),
    '',
    '  Nothing has been changed.',
    ...(page.next === undefined ? [] : commands('next', [page.next], sheet)),
  ];
}

const MARKS = { changed: '~', restored: '!', kept: '=', unchanged: ' ' } as const;

function tierLines(
  name: string,
  changes: readonly OutlineChange[],
  { full }: PlanPage,
  { paint, width }: Sheet,
): string[] {
  if (changes.length === 0) return [];
  const shown = changes.filter(change => full || change.change !== 'unchanged');
  const unchanged = changes.length - changes.filter(change => change.change !== 'unchanged').length;
  const tally = unchanged === 0 ? '' : `${unchanged} unchanged`;
  const longest = Math.min(30, Math.max(0, ...shown.map(change => change.target.length)));
  return [
    `  ${paint('bold', name)}${tally === '' ? '' : paint('dim', `  ${tally}`)}`,
    ...shown.map(change => {
      const style = change.change === 'restored' ? 'yellow' : change.change === 'changed' ? 'cyan' : 'dim';
      const text = `${pad(clip(change.target, longest), longest)}  ${wayOf(change)}`;
      return `    ${paint(style, clip(`${MARKS[change.change]} ${text}`, width - 6))}`;
    }),
  ];
}

function wayOf({ target, change, from, to, because }: OutlineChange): string {
  const [was, is] = [plain(from), plain(to)];
  if (change === 'kept') return `data kept${was === '' || was === target ? '' : ` (${was})`}`;
  if (change === 'restored') return `data restored: ${was} -> ${is}`;
  if (because !== undefined) return `${is}: made again, as it ${because}`;
  return was === is ? is : `${was} -> ${is}`;
}

function lossLines({ losses, lossCeiling, changes }: RunOutline, paint: Paint, room: number): string[] {
  if (losses.length === 0) {
    const kept = changes.some(change => change.change === 'kept');
    return kept ? named('data', ['kept: no acknowledged row is lost']) : [];
  }
  const lost = losses.reduce((sum, loss) => sum + loss.lost, 0);
  const over = lost > lossCeiling;
  const words = `${lost} rows would be lost as of now; ${lossCeiling} are accepted${over ? `: the run would be refused without --accept-loss ${lost}` : ''}`;
  return [
    ...named('data lost', wrap(words, room)).map(line => paint(over ? 'red' : 'yellow', line)),
    ...losses.flatMap(loss =>
      named(
        '',
        wrap(
          `${loss.store}: ${loss.rowsNow} now - ${loss.rowsThen} in the snapshot of ${loss.since.slice(0, 19).replace('T', ' ')} UTC = ${loss.lost}`,
          room,
        ),
      ),
    ),
  ];
}

function approvalOf({ approval }: RunOutline): string {
  if (approval.approvals === 0) return 'none is asked for';
  const then = approval.silence === 'refuse' ? 'refuses the run' : 'asks the next level';
  return `${approval.approvals} by ${approval.by.length === 0 ? 'anybody' : approval.by.join(', ')} within ${formatDuration(approval.within)}; silence ${then}`;
}

function noteLines(result: StepResult, paint: Paint, room: number): string[] {
  const notes = result.targets.filter(note => note.verdict !== 'passed');
  return [
    ...(result.reason === '' ? [] : named('found', wrap(result.reason, room))),
    ...notes.flatMap(note =>
      named(note.verdict, wrap(`${note.target}: ${note.note}`, room)).map(line => paint('yellow', line)),
    ),
  ];
}
