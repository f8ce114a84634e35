import type { Loss, OutlineChange } from '../plan/run-plan.ts';
import type { Awaiting, Traffic } from '../run/events.ts';
import type { TargetNote, Verdict } from '../run/step.ts';

/** How the platform stands while a message is written. */
export interface Standing {
  /** The freeze had begun. */
  readonly touched: boolean;
  /** At least one target had been swapped, and is not swapped back. */
  readonly swapped: boolean;
  readonly traffic: Traffic;
  /** Gates that could not be shut, though they should be. */
  readonly notShut: readonly string[];
}

/** The most a message's text holds, bytes; chat services cut off more. */
export const LARGEST_TEXT = 4_000;
const LONGEST_LINE = 600;
const MOST_NOTES = 10;

/** Text that came from elsewhere, as one line of bounded length. */
export function oneLine(text: string, longest = LONGEST_LINE): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1)}…` : flat;
}

/** `2025-12-25 03:15:00 UTC` of an ISO 8601 time. */
export const when = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Whether the platform was changed, and whether users reach it. */
export function platformStands(standing: Standing, release: string): string {
  const { touched, swapped } = standing;
  const changed = !touched
    ? 'not changed'
    : swapped
      ? `changed: targets were swapped to ${release}`
      : 'frozen, nothing swapped: it holds what it held';
  return `${changed}; ${trafficStands(standing)}`;
}

export function trafficStands({ traffic, notShut }: Standing): string {
  if (notShut.length > 0 || traffic === 'not-shut') return `traffic is NOT SHUT${of(notShut)}`;
  return traffic === 'unknown' ? 'whether traffic is shut could not be observed' : `traffic is ${traffic}`;
}

/** The worst that a message can say, and so its first words; empty when every gate is shut that should be. */
export const notShutLine = (notShut: readonly string[]): string =>
  notShut.length === 0 ? '' : `NOT SHUT: ${notShut.join(', ')}`;

const of = (names: readonly string[]): string => (names.length === 0 ? '' : `: ${names.join(', ')}`);

/** `24 changed, 2 unchanged`. */
export function countChanges(changes: readonly OutlineChange[]): string {
  const kinds = ['changed', 'restored', 'kept', 'unchanged'] as const;
  const counts = kinds.map(kind => [changes.filter(one => one.change === kind).length, kind] as const);
  return counts.flatMap(([count, kind]) => (count > 0 ? [`${count} ${kind}`] : [])).join(', ') || 'nothing to change';
}

/** Rows given up, store by store, against what was accepted. */
export function sumLosses(losses: readonly Loss[], ceiling: number): string {
  if (losses.length === 0) return 'no data is replaced, no row is lost';
  const lost = losses.reduce((sum, one) => sum + one.lost, 0);
  const stores = losses.map(
    one => `${one.store} ${one.rowsNow} - ${one.rowsThen} = ${one.lost} (since ${when(one.since)})`,
  );
  return `${plural(lost, 'row')} lost, at most ${ceiling} accepted: ${stores.join('; ')}`;
}

const GRAVITY: Readonly<Record<Verdict, number>> = { failed: 0, foreign: 1, inconclusive: 2, passed: 3 };

/** A line for each target that did not pass, worst first, and how many more there are. */
export function noteLines(notes: readonly TargetNote[]): string[] {
  const bad = notes.filter(note => note.verdict !== 'passed').sort((a, b) => GRAVITY[a.verdict] - GRAVITY[b.verdict]);
  const lines = bad
    .slice(0, MOST_NOTES)
    .map(({ target, verdict, note }) => `  - \`${target}\` ${verdict}: ${oneLine(note, 160)}`);
  return bad.length > MOST_NOTES ? [...lines, `  - and ${bad.length - MOST_NOTES} more`] : lines;
}

/** Who is awaited until when, what silence means, and the commands that answer. */
export function awaitedLines({ what, whom, until, silence, how }: Awaiting): string[] {
  return [
    `- awaited: ${oneLine(what)}${whom.length > 0 ? `, from ${whom.join(', ')}` : ''}, ${until === undefined ? 'without limit' : `until ${when(until)}`}`,
    `- silence: ${oneLine(silence)}`,
    ...commandLines(how),
  ];
}

export const commandLines = (commands: readonly string[]): string[] =>
  commands.map(command => `- next: \`${oneLine(command, 300)}\``);

/** The text in at most `largest` bytes of UTF-8. What answers the message stands last, so lines go from before it. */
export function fit(lines: readonly string[], largest = LARGEST_TEXT): string {
  const kept = [...lines];
  const cut = '- (shortened: the report has all of it)';
  const size = (): number => bytesOf([...kept, cut].join('\n'));
  let from = kept.length;
  while (from > 0 && /^- (awaited|silence|next|escalation)/.test(kept[from - 1]!)) from -= 1;
  if (bytesOf(kept.join('\n')) <= largest) return kept.join('\n');
  while (size() > largest && from > 1) kept.splice(--from, 1);
  kept.splice(from, 0, cut);
  while (bytesOf(kept.join('\n')) > largest && kept.length > 1) kept.pop();
  return kept.join('\n');
}

/** Counted by hand: where a workflow runs there is no Buffer. */
export function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}
