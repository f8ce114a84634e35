import { admit } from './admit.ts';
import { compareWithBaseline, settle } from './aftercare.ts';
import { captureLive, captureStopped } from './capture.ts';
import { captureStores } from './capture-stores.ts';
import { closeRun } from './close.ts';
import type { CareActivities, EngineActivities, OfficeActivities } from './contract.ts';
import type { Deps } from './deps.ts';
import { exportOutgoing } from './export-outgoing.ts';
import { ensureShut, openGates, shutGates } from './gates.ts';
import { judgeAsFound, judgeFrontDoor, judgeInside } from './judge.ts';
import { notify } from './notify.ts';
import { openPlan } from './open-plan.ts';
import { dropStaged, recheckPlatform, stageRelease } from './prepare.ts';
import { judgeGood, recordRelease } from './record.ts';
import { survey } from './survey.ts';
import { swapBack, swapIn } from './swap.ts';
import { takeOver } from './take-over.ts';
import { startTier, startTierAsFound, stopTier } from './tiers.ts';

/** What needs no machine: for a worker of the queue `lastgood`. */
export const createOfficeActivities = (deps: Deps): OfficeActivities => ({
  openPlan: openPlan(deps),
  notify: notify(deps),
});

/** What touches an engine: for the worker of its host's queue. */
export const createHostActivities = (deps: Deps): EngineActivities & CareActivities => ({
  admit: admit(deps),
  takeOver: takeOver(deps),
  stageRelease: stageRelease(deps),
  dropStaged: dropStaged(deps),
  recheckPlatform: recheckPlatform(deps),
  shutGates: shutGates(deps),
  openGates: openGates(deps),
  ensureShut: ensureShut(deps),
  captureLive: captureLive(deps),
  stopTier: stopTier(deps),
  startTier: startTier(deps),
  startTierAsFound: startTierAsFound(deps),
  captureStopped: captureStopped(deps),
  swapIn: swapIn(deps),
  swapBack: swapBack(deps),
  judgeInside: judgeInside(deps),
  judgeAsFound: judgeAsFound(deps),
  judgeFrontDoor: judgeFrontDoor(deps),
  closeRun: closeRun(deps),
  survey: survey(deps),
  recordRelease: recordRelease(deps),
  captureStores: captureStores(deps),
  judgeGood: judgeGood(deps),
  compareWithBaseline: compareWithBaseline(deps),
  exportOutgoing: exportOutgoing(deps),
  settle: settle(deps),
});
