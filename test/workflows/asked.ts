import type { Underway } from './given.ts';

/** Waits until people are asked, for the nth time. */
export const isHeld = (run: Underway, times = 1) =>
  run.until(
    `hold ${times}`,
    p =>
      p.state === 'held' &&
      p.awaiting !== undefined &&
      p.heard.filter(heard => heard.kind === 'decide' && heard.counted).length === times - 1,
  );
export const decide = (run: Underway, answer: string, by = 'ada') =>
  run.ask('decide', { decide: answer, by, reason: 'seen to it' });
