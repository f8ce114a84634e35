import type { Outcome } from '../../../src/run/events.ts';
import { AROUND, type Hand, ON_A_SERVICE, ON_OUR_OWN, ON_THE_GATE } from './laying.ts';
import type { Point } from './points.ts';

/** What one hand does to a run, at each of several points. */
export interface Row {
  readonly hand: Hand;
  readonly at: readonly Point[];
  readonly ends: Outcome;
  /** Somewhere in the report: what was found, on what. Absent: the run rests on nothing that the hand changed. */
  readonly says?: RegExp;
  /** What whoever is asked does first; `revert` unless told otherwise. */
  readonly first?: 'retry';
}

const service = ON_A_SERVICE;
const gate = ON_THE_GATE;
const own = ON_OUR_OWN;

/** Found before the freeze: the run is refused, and touched nothing. */
const REFUSED: readonly Row[] = [
  { hand: service.madeAgain, at: ['stage', 'approve'], ends: 'refused', says: /no longer the approved one: work/ },
  { hand: service.composeUp, at: ['recheck'], ends: 'refused', says: /no longer the approved one: work/ },
  { hand: service.renamed, at: ['stage', 'approve'], ends: 'refused', says: /no container work;/ },
  { hand: service.deleted, at: ['stage', 'approve', 'recheck'], ends: 'refused', says: /no container work;/ },
  { hand: service.policy, at: ['approve'], ends: 'refused', says: /work: restart policy/ },
  { hand: service.limits, at: ['recheck'], ends: 'refused', says: /work: settings/ },
  { hand: own.stagedStarted, at: ['approve'], ends: 'refused', says: /work\.lg-\S+ was started by somebody/ },
  { hand: own.stagedRenamed, at: ['recheck'], ends: 'refused', says: /somebody removed or renamed it/ },
  { hand: own.stagedDeleted, at: ['approve'], ends: 'refused', says: /somebody removed or renamed it/ },
  { hand: own.stagedChanged, at: ['recheck'], ends: 'refused', says: /work\.lg-\S+ has not the release's settings/ },
  { hand: own.stagedFileTouched, at: ['approve'], ends: 'refused', says: /conf: .* was touched by somebody/ },
  { hand: own.claimDeleted, at: ['approve'], ends: 'refused', says: /no claim on platform/ },
  { hand: own.claimReplaced, at: ['recheck'], ends: 'refused', says: /claim held by run somebody-elses-run/ },
  { hand: own.pruned, at: ['approve'], ends: 'refused', says: /no claim on platform/ },
  { hand: AROUND.imageRemoved, at: ['stage'], ends: 'refused', says: /cannot be had/ },
  { hand: AROUND.imageRemoved, at: ['recheck'], ends: 'refused', says: /or its image is gone/ },
  { hand: AROUND.writerStarted, at: ['recheck'], ends: 'refused', says: /container stranger.* can write/ },
  { hand: AROUND.settingsSaved, at: ['approve'], ends: 'refused', says: /no longer the approved one: conf: version/ },
];

/** Found with traffic shut: nothing of somebody else's is touched, a person is asked, and the run is taken back. */
const REVERTED: readonly Row[] = [
  {
    hand: service.madeAgain,
    at: ['shut-gates', 'stop-tiers', 'capture-stopped', 'swap-in', 'start-tiers', 'judge-inside', 'held', 'undo'],
    ends: 'reverted',
    says: /work: (container work was )?made again by somebody/,
  },
  {
    hand: service.composeUp,
    at: ['stop-tiers', 'swap-in', 'judge-inside'],
    ends: 'reverted',
    says: /work: (container work was )?made again by somebody/,
  },
  {
    hand: service.renamed,
    at: [
      'shut-gates',
      'capture-live',
      'stop-tiers',
      'capture-stopped',
      'swap-in',
      'start-tiers',
      'judge-inside',
      'undo',
    ],
    ends: 'reverted',
    says: /work[: ].*was renamed to work\.old/,
  },
  {
    hand: service.deleted,
    at: ['shut-gates', 'capture-live', 'stop-tiers', 'swap-in', 'start-tiers', 'judge-inside'],
    ends: 'reverted',
    says: /container work\b.* (is no longer there|nothing was changed)/,
  },
  { hand: service.deleted, at: ['held', 'undo'], ends: 'reverted' },
  // The last look before a gate is told to open: the line is not crossed yet.
  { hand: service.madeAgain, at: ['open-gates'], ends: 'reverted', says: /work: made again by somebody/ },
  { hand: service.composeUp, at: ['open-gates'], ends: 'reverted', says: /work: made again by somebody/ },
  { hand: service.deleted, at: ['open-gates'], ends: 'reverted', says: /no container work;/ },
  { hand: service.renamed, at: ['open-gates'], ends: 'reverted', says: /no container work;/ },
  {
    hand: service.restarted,
    at: ['capture-stopped', 'swap-in'],
    ends: 'reverted',
    says: /work is running: .* only once it is stopped/,
  },
  {
    hand: service.raised,
    at: ['capture-stopped'],
    ends: 'reverted',
    says: /work is running: .* only once it is stopped/,
  },
  { hand: service.limits, at: ['start-tiers', 'judge-inside'], ends: 'reverted', says: /work: .*settings/ },
  { hand: service.policy, at: ['judge-inside'], ends: 'reverted', says: /work: .*restart policy/ },
  {
    hand: gate.gateStarted,
    at: ['stop-tiers', 'judge-inside', 'held', 'undo'],
    ends: 'reverted',
    says: /gate is running/,
  },
  { hand: gate.gateMadeAgain, at: ['swap-in', 'undo'], ends: 'reverted', says: /gate is running/ },
  { hand: own.stagedStarted, at: ['stop-tiers'], ends: 'reverted', says: /work\.lg-\S+ was started by somebody/ },
  { hand: own.stagedDeleted, at: ['stop-tiers'], ends: 'reverted', says: /work\.lg-\S+, .* no longer there/ },
  { hand: own.stagedChanged, at: ['swap-in'], ends: 'reverted', says: /work: .*settings/ },
  { hand: own.stagedFileTouched, at: ['swap-in'], ends: 'reverted', says: /conf: .* touched since it was staged/ },
  { hand: own.outgoingDeleted, at: ['held', 'undo'], ends: 'reverted', says: /work was gone: it is made again/ },
  { hand: own.outgoingStarted, at: ['undo'], ends: 'reverted' },
  { hand: own.outgoingFileTouched, at: ['undo'], ends: 'reverted', says: /touched since it was set aside/ },
  { hand: AROUND.imageRemoved, at: ['start-tiers'], ends: 'reverted', says: /settings/ },
  { hand: AROUND.writerStarted, at: ['capture-stopped'], ends: 'reverted', says: /stranger runs and mounts it/ },
];

/** What nobody can put right, or somebody must decide: traffic stays shut, and a person takes it over. */
const HELD: readonly Row[] = [
  { hand: service.madeAgain, at: ['judge-front-door'], ends: 'held', says: /work: made again by somebody/ },
  { hand: service.limits, at: ['judge-front-door'], ends: 'held', says: /work: .*settings/ },
  { hand: own.claimDeleted, at: ['stop-tiers', 'judge-inside', 'held'], ends: 'held', says: /no claim on platform/ },
  { hand: own.claimReplaced, at: ['swap-in'], ends: 'held', says: /claim held by run somebody-elses-run/ },
  { hand: own.outgoingFilesGone, at: ['undo'], ends: 'held', says: /conf: .* the data to put back is gone/ },
  { hand: AROUND.networkRemoved, at: ['swap-in'], ends: 'held', says: /network/ },
];

/** Put right by whoever was asked, and tried again; or nothing that the run rests on. */
const COMPLETED: readonly Row[] = [
  {
    hand: gate.gateStarted,
    at: ['capture-live', 'swap-in', 'start-tiers'],
    ends: 'completed',
    first: 'retry',
    says: /gate is running/,
  },
  {
    hand: gate.portTaken,
    at: ['stop-tiers'],
    ends: 'completed',
    first: 'retry',
    says: /somebody else has its address/,
  },
  {
    hand: own.stagedRenamed,
    at: ['stop-tiers'],
    ends: 'completed',
    first: 'retry',
    says: /work\.lg-\S+, .* no longer there/,
  },
  {
    hand: own.outgoingStarted,
    at: ['start-tiers', 'open-gates', 'judge-front-door'],
    ends: 'completed',
    first: 'retry',
    says: /work\.lg-prev-\S+ was|was started by somebody/,
  },
  {
    hand: own.outgoingRaised,
    at: ['judge-inside', 'open-gates'],
    ends: 'completed',
    first: 'retry',
    says: /given restart policy always/,
  },
  {
    hand: own.outgoingDeleted,
    at: ['start-tiers'],
    ends: 'completed',
    says: /work\.lg-prev-\S+ is gone, its record is left/,
  },
  {
    hand: AROUND.writerStarted,
    at: ['start-tiers'],
    ends: 'completed',
    first: 'retry',
    says: /container stranger.* can write/,
  },
  { hand: service.renamed, at: ['judge-front-door'], ends: 'completed', says: /no container work;/ },
  { hand: AROUND.imageUntagged, at: ['approve', 'start-tiers'], ends: 'completed' },
  {
    hand: service.execd,
    at: ['stage', 'approve', 'recheck', 'shut-gates', 'judge-inside', 'open-gates', 'judge-front-door'],
    ends: 'completed',
    says: /sleep in work/,
  },
  // What nobody looks at before it ends with its container changes nothing that the run rests on.
  { hand: service.execd, at: ['capture-live', 'stop-tiers'], ends: 'completed' },
  {
    hand: service.restarted,
    at: [
      'approve',
      'recheck',
      'shut-gates',
      'capture-live',
      'stop-tiers',
      'judge-inside',
      'open-gates',
      'judge-front-door',
    ],
    ends: 'completed',
    says: /work: .*restarted, and not by this run/,
  },
  { hand: service.restarted, at: ['start-tiers'], ends: 'completed', says: /it ran already: somebody had started it/ },
  { hand: service.paused, at: ['approve', 'shut-gates'], ends: 'completed' },
  { hand: service.policy, at: ['stop-tiers', 'start-tiers'], ends: 'completed' },
  {
    hand: service.limits,
    at: ['shut-gates', 'capture-live', 'stop-tiers'],
    ends: 'completed',
    says: /somebody changed it/,
  },
  {
    hand: AROUND.settingsSaved,
    at: ['shut-gates', 'stop-tiers', 'swap-in'],
    ends: 'completed',
    says: /conf: .*changed by somebody since; theirs is kept/,
  },
  // It is set aside as it is now, and a revert would find that.
  { hand: service.limits, at: ['swap-in'], ends: 'completed' },
];

export const ROWS: readonly Row[] = [...REFUSED, ...REVERTED, ...HELD, ...COMPLETED];
