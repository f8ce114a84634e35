import type { StepName } from '../../../run/step.ts';
import { plain, wrap } from './paint.ts';
import type { Scene } from './screen.ts';
import { commands, INDENT, named, type Sheet } from './sheet.ts';

/** What each step does, as a person would say it. */
const DOES: Readonly<Record<StepName, string>> = {
  admit: 'reading the plan, looking at the platform, choosing the release',
  stage: 'preparing the release beside what runs; nothing live is touched',
  approve: 'waiting for approval',
  recheck: 'looking whether the platform is still what was approved',
  'shut-gates': 'shutting the gates',
  'capture-live': 'taking the live captures',
  'stop-tiers': 'stopping the tiers from the top down',
  'capture-stopped': 'capturing the stores, and reading the captures back',
  'swap-in': 'swapping the release in',
  'start-tiers': 'starting the tiers from the bottom up',
  'judge-inside': 'verifying inside, traffic still shut',
  'open-gates': 'opening the gates: from here on nothing is undone unasked',
  'judge-front-door': 'probing the front door',
};
const UNDOES: Partial<Record<StepName, string>> = {
  stage: 'dropping what was staged',
  'stop-tiers': 'starting the tiers as they were found',
  'swap-in': 'swapping back what was there before',
  'start-tiers': 'stopping the tiers again',
  'judge-inside': 'verifying that the platform is as it was found',
  'shut-gates': 'opening the gates as they were found',
};

/** What is under way: the part of the step, and who is in it. */
export function nowLines({ progress: p }: Scene, sheet: Sheet): string[] {
  const { paint, width } = sheet;
  if (p.state === 'paused') {
    const platform = p.request?.platform ?? '';
    return [
      ...named('why', wrap(p.headline, width - INDENT - 2)),
      ...commands('go on', [`lastgood resume ${platform}`], sheet),
      ...(p.lineAt === undefined ? commands('or stop', [`lastgood abort ${platform} --reason "why"`], sheet) : []),
    ];
  }
  if (p.state === 'waiting' && p.awaiting !== undefined) return [];
  const step = p.steps.at(-1);
  const room = width - INDENT - 2;
  if (p.state === 'held') return named('why', wrap(p.headline, room)).map(line => paint('red', line));
  if (step === undefined || step.endedAt !== undefined)
    return p.headline === '' ? [] : named('', wrap(p.headline, room));
  const does = p.direction === 'undo' ? (UNDOES[p.step] ?? `taking back ${p.step}`) : DOES[p.step];
  const what = p.part === '' ? does : p.part;
  const lines = named('now', wrap(what, room));
  const tier = p.outline?.tiers.find(one => p.part.split(/[ ·]+/).includes(one.tier));
  if (tier !== undefined)
    lines.push(...named('', wrap(plain(tier.targets.join(', ')), room)).map(line => paint('dim', line)));
  return lines;
}
