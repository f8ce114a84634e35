import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeWhole, makeupOf, type Whole } from '../../bench/wholeness.ts';

const WHOLE: Whole = {
  notAtRelease: [],
  changed: [],
  mixed: 0,
  answersAfter: [{ servedBy: ['puabo-api@v1', 'nginx-conf@v1'] }],
  writes: { checked: 9, missing: 0, doubled: 0, altered: 0, whole: true },
  captured: 200,
  cluster: 1_000,
};

/** Each breaks one thing, and must be told in these words. */
const PLANTED: readonly [Partial<Whole>, RegExp][] = [
  [{ notAtRelease: ['ott-api v2 running'] }, /not at v1: ott-api v2 running/],
  [{ changed: ['redis'] }, /redis is not what it was/],
  [{ mixed: 1 }, /1 answers were served by two versions/],
  [{ answersAfter: [] }, /no answer afterwards/],
  [{ answersAfter: [{ servedBy: ['puabo-api@v1', 'nginx-conf@v2'] }] }, /1 of 1 answers afterwards are not v1's/],
  [{ answersAfter: [{ servedBy: [] }] }, /1 of 1 answers afterwards are not v1's/],
  [{ writes: { checked: 0, missing: 0, doubled: 0, altered: 0, whole: true } }, /no write was acknowledged/],
  [
    { writes: { checked: 9, missing: 1, doubled: 0, altered: 2, whole: false } },
    /9 writes: 1 missing, 0 doubled, 2 alt/,
  ],
  [{ captured: 99 }, /its captures are 99 bytes/],
];

describe('what a round of the bench left', () => {
  it('is whole when nothing is wrong', () => {
    assert.deepEqual(judgeWhole(WHOLE), []);
  });

  for (const [fault, said] of PLANTED)
    it(`is not whole with ${JSON.stringify(fault)}`, () => {
      const faults = judgeWhole({ ...WHOLE, ...fault });
      assert.equal(faults.length, 1, faults.join('; '));
      assert.match(faults[0]!, said);
    });
});

describe('the makeup of a container', () => {
  const inspection = {
    Image: 'sha256:1',
    Config: { Env: ['A=1', 'B=2'], User: 'nexus' },
    HostConfig: { Memory: 64, PidsLimit: 9, CapDrop: null, ReadonlyRootfs: false, RestartPolicy: { Name: 'always' } },
    Mounts: [{ Type: 'volume', Name: 'data', Destination: '/data', RW: true }],
    State: { Running: true },
    RestartCount: 0,
  };
  const look = (more: object): string => makeupOf({ ...inspection, ...more } as never);

  it('is the same whoever created it, and another for each thing that matters', () => {
    const good = look({});
    const reordered = {
      Config: { ...inspection.Config, Env: ['B=2', 'A=1'] },
      HostConfig: { ...inspection.HostConfig, CapDrop: [] },
    };
    assert.equal(look(reordered), good);
    const changes = [
      { Image: 'sha256:2' },
      { Config: { ...inspection.Config, Env: ['A=1', 'B=3'] } },
      { Config: { ...inspection.Config, User: 'root' } },
      { HostConfig: { ...inspection.HostConfig, Memory: 65 } },
      { HostConfig: { ...inspection.HostConfig, RestartPolicy: { Name: 'no' } } },
      { HostConfig: { ...inspection.HostConfig, PortBindings: { '80/tcp': [{ HostPort: '81' }] } } },
      { Mounts: [{ ...inspection.Mounts[0], RW: false }] },
      { State: { Running: false } },
      { RestartCount: 1 },
    ];
    for (const change of changes) assert.notEqual(look(change), good, JSON.stringify(change));
  });
});
