import type { Bug } from './bugs.ts';

/** Found by cases of the scripted world. */
export const BY_CASES: readonly Bug[] = [
  {
    what: 'an act is not read back before it is issued again',
    by: /I4\.recorder: web: the engine saw stop 2 times/,
    file: 'src/executor/effect.ts',
    edits: [['const found = await effect.isDone();', 'const found = undefined as never;']],
    cases: ['a stop whose worker died unheard happens once'],
  },
  {
    what: 'the claim is not taken',
    by: /no claim on platform/,
    file: 'src/activities/admit.ts',
    edits: [
      [
        'await drivers.engine.claim({ platform: plan.platform, run, fence: 1 }, look).catch',
        'await (async () => undefined)().catch',
      ],
    ],
    cases: ['a calm run completes'],
  },
  {
    what: 'gates open before the release is verified',
    by: /I2\.order: gate ingress was told to open/,
    file: 'src/workflows/rollback.ts',
    edits: [
      ["  ['judge-inside', phase.judgeInside],\n", ''],
      [
        "  ['open-gates', phase.openGates],\n",
        "  ['open-gates', phase.openGates],\n  ['judge-inside', phase.judgeInside],\n",
      ],
    ],
    cases: ['a calm run completes'],
  },
  {
    what: 'undo in the order in which it was done',
    by: /held, handed over to a person: services: web: container web was renamed to web\.lg-prev/,
    file: 'src/workflows/unwind.ts',
    edits: [
      [
        'let undo = run.undos.at(-1); undo !== undefined && wanted(undo); undo = run.undos.at(-1)',
        'let undo = run.undos.find(wanted); undo !== undefined; undo = run.undos.find(wanted)',
      ],
      ['    run.undos.pop();\n', '    run.undos.splice(run.undos.indexOf(undo), 1);\n'],
    ],
    cases: ['a failed start is undone'],
  },
  {
    what: 'the undo is registered after its step',
    by: /held, handed over to a person: services: web: container web was renamed to web\.lg-prev/,
    file: 'src/workflows/attempt.ts',
    edits: [
      [
        'if (undo !== undefined && !run.undos.some(one => one.step === step)) run.undos.push({ step, takeBack: undo });\n  return inStep(run, step,',
        "const done = await inStep(run, step, 'forward', act);\n  if (done.verdict === 'passed' && undo !== undefined) run.undos.push({ step, takeBack: undo });\n  return done;\n  return inStep(run, step,",
      ],
    ],
    cases: ['a failed swap is undone', 'an abort in the middle of stopping is undone'],
  },
  {
    what: 'a revert opens whatever was found of it',
    by: /I1\.targets: web-conf/,
    file: 'src/workflows/unwind.ts',
    edits: [["    if (judged.verdict !== 'passed') return judged;\n", '']],
    cases: ['what was edited by hand in mid-run does not open'],
  },
  {
    what: 'a restart policy is not set aside',
    by: /what was stopped was to stay so/,
    file: 'src/drivers/scripted/stopping.ts',
    edits: [["  await givePolicy(world, { id, name, policy: 'no', effect: 'set-policy-aside' }, effects);\n", '']],
    cases: ['an engine that restarts starts nothing that was stopped'],
  },
  {
    what: 'the verification window is not waited for',
    by: /looked at each second/,
    file: 'src/activities/window.ts',
    edits: [["while (seen.verdict === 'passed' && Date.now() < end", "while (seen.verdict === 'passed' && end < 0"]],
    cases: ['a verification lasts as long as its window'],
  },
  {
    what: 'the ceiling of the loss is ignored',
    by: /I3\.writes: \d+ acknowledged writes are lost/,
    file: 'src/activities/capture.ts',
    edits: [['  if (lost > ceiling) {\n', '  if (lost > Number.MAX_VALUE) {\n']],
    cases: ['a loss above its ceiling replaces nothing'],
  },
  {
    what: 'another release is staged than the approved one',
    by: /version: expected v1, found v2/,
    file: 'src/activities/can-stage.ts',
    edits: [
      [
        '  deps.ledger.load(runPlan.plan.platform, runPlan.release, planned.target);\n',
        '  deps.ledger.list(runPlan.plan.platform).then(all => deps.ledger.load(runPlan.plan.platform, all[0]!.id, planned.target));\n',
      ],
    ],
    cases: ['a calm run completes'],
  },
  {
    what: 'evidence that is missing passes',
    by: /completed: every target is at v1/,
    file: 'src/activities/classify.ts',
    edits: [["? 'inconclusive' : 'failed'", "? 'passed' : 'failed'"]],
    cases: ['a release whose probes do not answer is undone'],
  },
  {
    what: 'what moved since the approval is not looked for',
    by: /completed: every target is at v1/,
    file: 'src/policy/compare.ts',
    edits: [
      [
        "  return [...differs('identity', expected.identity, found.identity), ...differences(expected, found)];\n",
        '  return [];\n',
      ],
    ],
    cases: ['what was edited by hand before the freeze refuses the run'],
  },
  {
    what: 'silence is an approval',
    by: /I6\.hash/,
    file: 'src/policy/approval.ts',
    edits: [["verdict: 'expired', reason:", "verdict: 'approved', reason:"]],
    cases: ['silence on an approval refuses the run'],
  },
  {
    what: 'a held run gives its lock back',
    by: /its lock was to be kept/,
    file: 'src/workflows/close.ts',
    edits: [["    release: outcome !== 'held',\n", '    release: true,\n']],
    cases: ['a held run keeps its lock, and its decision is on record'],
  },
  {
    what: 'decisions are not written down',
    by: /I7\.decisions/,
    file: 'src/activities/session.ts',
    edits: [
      ['    records.map(({ number, at, event }) =>\n', '    records.slice(0, 0).map(({ number, at, event }) =>\n'],
    ],
    cases: ['a held run keeps its lock, and its decision is on record'],
  },
  {
    what: 'a hold past the line leaves the gates open',
    by: /I1\.gates: held: gate ingress shut expected, open found/,
    file: 'src/workflows/hold.ts',
    edits: [['= await ensureShut(run);', "= { notShut: [] as string[], written: '' }; void ensureShut;"]],
    cases: ['a front door that fails shuts the gates again'],
  },
  {
    what: 'a retry past the line opens on the old verification',
    by: /verified once more/,
    file: 'src/workflows/rollback.ts',
    edits: [[' : BEFORE_THE_LINE);', ' : BEFORE_THE_LINE + 1);']],
    cases: ['after a hold past the line nothing opens on an old verification'],
  },
  {
    what: 'stores are not captured',
    by: /one capture was to be taken/,
    file: 'src/workflows/rollback.ts',
    edits: [["  ['capture-stopped', phase.captureStopped],\n", '']],
    cases: ['a calm run captures what it keeps'],
  },
  {
    what: 'aftercare drops what was not exported',
    by: /the replaced store was to be kept/,
    file: 'src/activities/aftercare.ts',
    edits: [['if (exportIn(journal) === undefined &&', 'if (exportIn(journal) === null &&']],
    cases: ['what was not exported is not dropped'],
  },
  {
    what: 'aftercare drops what is in no record',
    by: /what somebody saved was to be kept/,
    file: 'src/activities/aftercare.ts',
    edits: [['          await mustBeRecorded(', '          await (async (..._) => undefined)(']],
    cases: ['what was edited by hand before the swap is named, and kept'],
  },
  {
    what: 'a note tells a secret',
    by: /I7\.secrets/,
    file: 'src/drivers/scripted/containers.ts',
    edits: [['effects.report(`staged $', 'effects.report((from.body as Body).secret + `staged $']],
    cases: ['a calm run completes'],
  },
];
