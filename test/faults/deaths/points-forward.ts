import { isBegun } from './journal-says.ts';
import { asSeen, type Point, type Scene, whileHeld } from './point.ts';

const staged = (name: string, of: string): boolean => name.startsWith(`${of}.lg-`);

/** The gate is still as anybody left it: an engine that comes back lets traffic in again. */
export const FREEZE_BEGINS: Point = whileHeld({
  name: 'freeze, the policy of the gate to be set aside',
  step: 'shut-gates',
  activity: 'shutGates',
  moment: 'unheard',
  call: ({ verb, name }) => verb === 'update' && name === 'gate',
  claim: { begun: ['shut-gates gate policy-aside'], neither: ['shut-gates gate stop'] },
});

/** Nothing live is touched yet, then the freeze and the stop. */
export const PREPARE_TO_STOP: readonly Point[] = [
  whileHeld({
    name: 'stage, one container made, another being asked for',
    step: 'stage',
    activity: 'stageRelease',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'create' && staged(name, 'front'),
    claim: { done: ['stage store create'], begun: ['stage front create'] },
  }),
  whileHeld({
    name: 'stage, a container made and nobody told',
    step: 'stage',
    activity: 'stageRelease',
    moment: 'unanswered',
    call: ({ verb, name }) => verb === 'create' && staged(name, 'work'),
    claim: { begun: ['stage work create'] },
  }),
  whileHeld({
    name: 'freeze, the gate to be told to stop, its policy aside',
    step: 'shut-gates',
    activity: 'shutGates',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'kill' && name === 'gate',
    claim: { done: ['shut-gates gate policy-aside'], begun: ['shut-gates gate stop'] },
  }),
  whileHeld({
    name: 'capture-live, a store being counted',
    step: 'capture-live',
    activity: 'captureLive',
    moment: 'unheard',
    call: ({ verb }) => verb === 'volume',
    claim: { neither: ['stop-tiers front policy-aside', 'stop-tiers work policy-aside'] },
  }),
  whileHeld({
    name: 'stop, one service stopped, another to be told',
    step: 'stop-tiers',
    activity: 'stopTier',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'kill' && name === 'front',
    claim: {
      done: ['stop-tiers work stop'],
      begun: ['stop-tiers front stop'],
      neither: ['stop-tiers store stop', 'stop-tiers cache stop'],
    },
  }),
  whileHeld({
    name: 'stop, a store told to stop and nobody told that it was',
    step: 'stop-tiers',
    activity: 'stopTier',
    moment: 'unanswered',
    call: ({ verb, name }) => verb === 'kill' && name === 'store',
    claim: { done: ['stop-tiers work stop', 'stop-tiers front stop'], begun: ['stop-tiers store stop'] },
  }),
];

export const SWAP_TO_START: readonly Point[] = [
  whileHeld({
    name: 'restore, one container set aside, its successor not brought in',
    step: 'swap-in',
    activity: 'swapIn',
    moment: 'unheard',
    call: ({ verb, to }) => verb === 'rename' && to === 'work',
    claim: { done: ['swap-in work rename-outgoing'], begun: ['swap-in work rename-staged'] },
  }),
  whileHeld({
    name: 'restore, one target swapped, another not begun',
    step: 'swap-in',
    activity: 'swapIn',
    moment: 'unheard',
    call: ({ verb, to }) => verb === 'rename' && staged(to, 'store'),
    claim: {
      done: ['swap-in front rename-staged'],
      begun: ['swap-in store rename-outgoing'],
      neither: ['swap-in store rename-staged'],
    },
  }),
  whileHeld({
    name: 'restore, a successor brought in and nobody told',
    step: 'swap-in',
    activity: 'swapIn',
    moment: 'unanswered',
    call: ({ verb, to }) => verb === 'rename' && to === 'gate',
    claim: { done: ['swap-in gate rename-outgoing'], begun: ['swap-in gate rename-staged'] },
  }),
  whileHeld({
    name: "start, one of a tier's containers started, another not",
    step: 'start-tiers',
    activity: 'startTier',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'start' && name === 'cache',
    claim: {
      done: ['start-tiers store start'],
      begun: ['start-tiers cache start'],
      neither: ['start-tiers work start', 'start-tiers front start'],
    },
  }),
  whileHeld({
    name: 'start, a container started and nobody told',
    step: 'start-tiers',
    activity: 'startTier',
    moment: 'unanswered',
    call: ({ verb, name }) => verb === 'start' && name === 'work',
    claim: { done: ['start-tiers store start', 'start-tiers cache start'], begun: ['start-tiers work start'] },
  }),
  whileHeld({
    name: 'start, a container started, its policy not given back',
    step: 'start-tiers',
    activity: 'startTier',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'update' && name === 'front',
    claim: { done: ['start-tiers front start'], begun: ['start-tiers front policy-back'] },
  }),
];

/**
 * Verify looks at the store's volume once before its window begins, to count its rows and for its first sample as it
 * does, and then once a second: the fourth look is a later sample, with the window of some seconds not over. Where looks
 * are slow there is no fifth.
 */
function inTheWindow(): (verb: string, scene: Scene) => boolean {
  const looks = new Map<string, number>();
  return (verb, { run }) => {
    if (verb !== 'volume') return false;
    looks.set(run, (looks.get(run) ?? 0) + 1);
    return looks.get(run) === 4;
  };
}
const window = inTheWindow();

export const VERIFY_TO_THAW: readonly Point[] = [
  whileHeld({
    name: 'verify, within its window',
    step: 'judge-inside',
    activity: 'judgeInside',
    moment: 'unheard',
    call: ({ verb }, scene) => window(verb, scene),
    claim: { done: ['start-tiers front policy-back'], neither: ['open-gates gate start'] },
  }),
  whileHeld({
    name: 'thaw, the gate to be started',
    step: 'open-gates',
    activity: 'openGates',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'start' && name === 'gate',
    claim: { begun: ['open-gates gate start'], neither: ['open-gates gate policy-back'] },
  }),
  whileHeld({
    name: 'thaw, the gate started and nobody told',
    step: 'open-gates',
    activity: 'openGates',
    moment: 'unanswered',
    call: ({ verb, name }) => verb === 'start' && name === 'gate',
    claim: { begun: ['open-gates gate start'], neither: ['open-gates gate policy-back'] },
  }),
  whileHeld({
    name: 'thaw, the gate started, its policy not given back',
    step: 'open-gates',
    activity: 'openGates',
    moment: 'unheard',
    call: ({ verb, name }) => verb === 'update' && name === 'gate',
    claim: { done: ['open-gates gate start'], begun: ['open-gates gate policy-back'] },
  }),
  asSeen({
    name: 'thaw, traffic open, the front door not judged',
    step: 'judge-front-door',
    activity: 'judgeFrontDoor',
    seen: ({ entries }) => isBegun(entries(), 'judge-front-door'),
    missed: ({ journal }) =>
      journal.some(({ fact }) => fact.type === 'closed') ? 'the run had closed already' : undefined,
  }),
];
