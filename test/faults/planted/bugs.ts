import type { CaseName } from './cases.ts';

/** One bug of our own making: a text in a file of ours, found exactly once, and what stands there instead. */
export interface Bug {
  readonly what: string;
  /** What the failure must say: another one, such as a server that is away, has not found it. */
  readonly by: RegExp;
  readonly file: string;
  readonly edits: readonly (readonly [text: string, instead: string])[];
  /** Who must find it: cases of the scripted world, or a test file of ours, with the names of its tests. */
  readonly cases?: readonly CaseName[];
  readonly test?: { readonly file: string; readonly names?: string };
}

export const BUGS: readonly Bug[] = [
  {
    what: 'an older fence may act',
    by: /zombie that woke up after a newer order.*\n'Missing expected rejection/,
    file: 'src/executor/executor.ts',
    edits: [['  return olderThan(run, order);\n', '  return undefined;\n']],
    test: { file: 'test/executor/refusal.test.ts' },
  },
  {
    what: 'what a frozen process knew of the claim is believed for ever',
    by: /on another machine finds.*\n'it did its second act/,
    file: 'src/executor/executor.ts',
    edits: [['since > CLAIM_KNOWN_FOR_MS', 'false']],
    test: { file: 'test/faults/zombie/zombie.test.ts', names: 'on another machine' },
  },
  {
    what: 'any engine will do',
    by: /another engine, another owner.*\n'Missing expected rejection/,
    file: 'src/executor/executor.ts',
    edits: [['  if (found === order.engine) return;\n', '  if (found !== order.engine || true) return;\n']],
    test: { file: 'test/executor/refusal.test.ts' },
  },
  {
    what: 'what would be gone once it is stopped is not asked about',
    by: /would be gone once it is stopped[\s\S]* reverted: the platform is as it was just before the freeze\. ingress/,
    file: 'src/activities/compute.ts',
    edits: [['    ...vanishingFaults(states),\n', '']],
    test: { file: 'test/workflows/refused.test.ts', names: 'would be gone once it is stopped' },
  },
  {
    what: 'the journal is not flushed',
    by: /share one flush[\s\S]*0 !== 1/,
    file: 'src/executor/journal-file.ts',
    edits: [['        await file.datasync();\n', '']],
    test: { file: 'test/executor/journal.test.ts' },
  },
  {
    what: 'an act is not read back before it is issued again',
    by: /I4\.recorder: web: the engine saw start 2 times/,
    file: 'src/executor/effect.ts',
    edits: [['const found = await effect.isDone();', 'const found = undefined as never;']],
    cases: ['a start whose worker died unheard happens once'],
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
    by: /held, handed over to a person: web: restart policy/,
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
    by: /held, handed over to a person: web: version: expected v2, found v1/,
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
    file: 'src/drivers/scripted/containers.ts',
    edits: [["  await setPolicy(world, name, 'no', call, 'set-policy-aside');\n", '']],
    cases: ['an engine that restarts starts nothing that was stopped'],
  },
  {
    what: 'a restart policy is not set aside on a real engine',
    by: /sets the policy aside[\s\S]*- {3}'policy-aside'/,
    file: 'src/drivers/docker/stopping.ts',
    edits: [["  await givePolicy(client, of, 'no', effects, call);\n", '']],
    test: { file: 'test/drivers/docker/stopping.test.ts', names: 'sets the policy aside' },
  },
  {
    what: 'a snapshot is published without being read back',
    by: /reads back what the disk holds.*\n'Missing expected rejection/,
    file: 'src/snapshots/directory-writer.ts',
    edits: [
      ["  for (const artifact of artifacts) await verifyArtifact(temporary, artifact, 'stored', signal, told);\n", ''],
    ],
    test: { file: 'test/snapshots/directory-store.test.ts', names: 'a publish reads back' },
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
    what: 'what was verified before a pause opens traffic',
    by: /verifies anew before traffic opens[\s\S]* completed: every target is at v1/,
    file: 'src/workflows/rollback.ts',
    edits: [[", 'open-gates': 'judge-inside' }", ' }']],
    test: { file: 'test/workflows/looked-again.test.ts', names: 'verifies anew' },
  },
  {
    what: 'users whom somebody let in have what they wrote replaced uncounted',
    by: /have what they wrote counted.*\n.*did not come; last .*"traffic":"open"/,
    file: 'src/workflows/rollback.ts',
    edits: [["letIn && row <= rowOf('swap-in')", 'letIn && row < 0']],
    test: { file: 'test/workflows/looked-again.test.ts', names: 'have what they wrote' },
  },
  {
    what: 'a hold forgets that it found a gate up',
    by: /are counted too when it is the hold.*\n.*did not come; last .*"traffic":"open"/,
    file: 'src/activities/gates.ts',
    edits: [[', ...(letIn ? { letIn } : {})', '']],
    test: { file: 'test/workflows/looked-again.test.ts', names: 'are counted too' },
  },
  {
    what: 'traffic opens on what was verified an hour ago',
    by: /does nothing at open-gates on what was seen an hour ago[\s\S]*- {3}'judge-inside',/,
    file: 'src/activities/gates.ts',
    edits: [["order.as === 'release' ? await tooLate(s) : undefined", 'undefined as StepResult | undefined']],
    test: { file: 'test/workflows/looked-again.test.ts', names: 'does nothing at open-gates' },
  },
  {
    what: 'what undo kept of a volume is not missed',
    by: /is missed when somebody removed it.*\n.*did not come; last .*"traffic":"open"/,
    file: 'src/activities/swap.ts',
    edits: [['if (swapped === -1 || isBegun) return;', 'if (swapped > -2 || isBegun) return;']],
    test: { file: 'test/workflows/undo-kept.test.ts', names: 'is missed when somebody' },
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
    edits: [['note: `staged $', 'note: body.secret + `staged $']],
    cases: ['a calm run completes'],
  },
];
