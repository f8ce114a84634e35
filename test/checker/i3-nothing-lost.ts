import type { RunEvidence } from './evidence.ts';
import type { Part } from './part.ts';

export const nothingLost: readonly Part[] = [
  {
    name: 'I3.captured-first',
    check: ({ recorder, captures }) => {
      if (recorder === undefined || captures === undefined) return 'unchecked';
      return recorder
        .filter(({ destroys }) => destroys)
        .filter(
          gone =>
            !captures.some(
              kept =>
                kept.target === gone.target &&
                kept.object === gone.object &&
                kept.hashed &&
                kept.readBack &&
                kept.at <= gone.at,
            ),
        )
        .map(
          ({ target, action, at }) =>
            `${target}: ${action} at ${at} destroyed what no capture holds, hashed and read back`,
        );
    },
  },
  { name: 'I3.writes', check: checkWrites },
  {
    name: 'I3.loss-fixed',
    check: ({ writes, loss }) => {
      if (writes === undefined || loss?.fixed === undefined) return 'unchecked';
      const lost = lostOf(writes).length;
      return [
        ...(lost === loss.fixed ? [] : [`${loss.fixed} rows were to be lost as fixed at the freeze, ${lost} are`]),
        ...(loss.fixed <= loss.ceiling ? [] : [`a loss of ${loss.fixed} rows was fixed, ${loss.ceiling} accepted`]),
      ];
    },
  },
];

const lostOf = (writes: NonNullable<RunEvidence['writes']>) => writes.filter(({ present }) => present === 0);

function checkWrites({ writes, loss }: RunEvidence): readonly string[] | 'unchecked' {
  if (writes === undefined || writes.length === 0) return 'unchecked';
  const lost = lostOf(writes);
  const ceiling = loss?.ceiling ?? 0;
  const late = lost.filter(({ acknowledgedAt }) => loss?.frozenAt !== undefined && acknowledgedAt > loss.frozenAt);
  return [
    ...writes.filter(({ present }) => present > 1).map(({ id, present }) => `write ${id} is there ${present} times`),
    ...(lost.length <= ceiling
      ? []
      : [`${lost.length} acknowledged writes are lost (${ids(lost)}), at most ${ceiling} accepted`]),
    ...late.map(({ id, acknowledgedAt }) => `write ${id}, acknowledged at ${acknowledgedAt} after the freeze, is lost`),
  ];
}

const ids = (writes: readonly { readonly id: string }[]): string =>
  writes
    .slice(0, 5)
    .map(({ id }) => id)
    .join(', ') + (writes.length > 5 ? ', …' : '');
