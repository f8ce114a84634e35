import type { RunEvidence } from './evidence.ts';
import { ownJournal, type Part, tookHold } from './part.ts';

/** Characters of a run hash by which a person may name it. */
const LEAST = 8;
/** What comes before an approval is due. */
const BEFORE_APPROVAL = new Set(['admit', 'stage', 'approve', 'recheck', 'record']);

export const approvedOnly: readonly Part[] = [
  { name: 'I6.hash', check: checkHash },
  {
    name: 'I6.digests',
    check: ({ recorder, targets }) => {
      const started = recorder?.filter(({ version }) => version !== undefined);
      if (started === undefined || targets === undefined || targets.length === 0) return 'unchecked';
      return started.flatMap(({ target, version, action, at }) => {
        const planned = targets.find(one => one.target === target);
        if (planned === undefined) return [`${target}: ${action} at ${at}, and it is no target of the plan`];
        const allowed = [planned.now.version, planned.release.version];
        return version !== undefined && allowed.includes(version)
          ? []
          : [`${target}: ${action} at ${at} of ${version}, ${allowed.join(' or ')} recorded`];
      });
    },
  },
];

function checkHash(evidence: RunEvidence): readonly string[] | 'unchecked' {
  const journal = ownJournal(evidence);
  if (journal === undefined || evidence.approved === undefined) return 'unchecked';
  const touched = tookHold(journal.entries).filter(({ fact }) => !BEFORE_APPROVAL.has(fact.key.step));
  const opened = journal.entries.find(({ fact }) => fact.type === 'opened')?.fact;
  const hash = opened?.type === 'opened' ? opened.hash : undefined;
  const isApproved = evidence.approved.some(one => one.length >= LEAST && hash?.startsWith(one));
  if (touched.length === 0 || isApproved) return [];
  const first = touched[0];
  return [
    `entry ${first?.seq} (${first?.fact.effect} on ${first?.fact.key.target}) is of run hash ${hash ?? 'none'}; approved: ${evidence.approved.join(', ') || 'none'}`,
  ];
}
