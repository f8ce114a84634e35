import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Gate } from '../../src/drivers/contract.ts';
import type { GateSpec } from '../../src/plan/plan.ts';
import type { TargetState } from '../../src/plan/run-plan.ts';
import { lessStart } from './less-start.ts';
import { plainCall, plainLook } from './plain-call.ts';
import { rejectsAs } from './rejects.ts';

export interface GateWorld {
  readonly gate: Gate;
  /** An open gate, answering at its address. */
  makeGate(): Promise<GateScene>;
}
export interface GateScene {
  readonly spec: GateSpec;
  observe(): Promise<TargetState>;
  remove(): Promise<void>;
  /** Somebody else answers at the gate's address once it is shut. */
  answerBeside(): Promise<void>;
  /** The address takes connections and keeps silent, once it is shut. */
  keepSilent(): Promise<void>;
}

/** What `Gate` promises: shut is what a user sees, not what an engine says. */
export function gateSuite(world: () => GateWorld): void {
  const isShut = ({ spec }: GateScene) => world().gate.isShut(spec, plainLook());

  it('is seen open, is shut, and is seen shut', async () => {
    const scene = await world().makeGate();
    assert.equal((await isShut(scene)).verdict, 'failed');
    assert.equal((await world().gate.shut(scene.spec, plainCall())).changed, true);
    const seen = await isShut(scene);
    assert.equal(seen.verdict, 'passed', seen.reason);
    assert.equal((await world().gate.shut(scene.spec, plainCall())).changed, false);
  });

  it('opens as it was found', async () => {
    const scene = await world().makeGate();
    const before = await scene.observe();
    await world().gate.shut(scene.spec, plainCall());
    assert.equal((await scene.observe()).restartPolicy, 'no');
    assert.equal((await world().gate.open(scene.spec, plainCall(), before)).changed, true);
    assert.deepEqual(lessStart(await scene.observe()), lessStart(before));
    assert.equal((await world().gate.open(scene.spec, plainCall(), before)).changed, false);
  });

  it('is not shut while anybody answers at its address', async () => {
    const scene = await world().makeGate();
    await world().gate.shut(scene.spec, plainCall());
    await scene.answerBeside();
    const seen = await isShut(scene);
    assert.equal(seen.verdict, 'failed', seen.reason);
  });

  it('takes silence for no evidence', async () => {
    const scene = await world().makeGate();
    await world().gate.shut(scene.spec, plainCall());
    await scene.keepSilent();
    const seen = await isShut(scene);
    assert.equal(seen.verdict, 'inconclusive', seen.reason);
  });

  it('says missing, by name, when it is not there', async () => {
    const scene = await world().makeGate();
    await scene.remove();
    await rejectsAs('missing', world().gate.shut(scene.spec, plainCall()), scene.spec.container);
  });
}
