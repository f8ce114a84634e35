import { describe } from 'node:test';
import { capabilitySuite } from '../../contracts/capabilities.ts';
import { engineSuite } from '../../contracts/engine.ts';
import { gateSuite } from '../../contracts/gate.ts';
import { observableSuite } from '../../contracts/observable.ts';
import { restorableSuite } from '../../contracts/restorable.ts';
import { snapshottableSuite } from '../../contracts/snapshottable.ts';
import { stoppableSuite } from '../../contracts/stoppable.ts';
import { beside, containers, files, gates, host, volumes } from './scenes.ts';

const ofContainers = containers();
const ofVolumes = volumes();
const ofFiles = files();

// What thousands of fault runs are played on keeps to the contracts of the real ones.
for (const [name, world] of Object.entries({ containers: ofContainers, volumes: ofVolumes, files: ofFiles })) {
  describe(`scripted ${name}: what the table of kinds says`, () => capabilitySuite(() => world as never));
  describe(`scripted ${name}: observed and recorded`, () => observableSuite(() => world as never));
  describe(`scripted ${name}: staged, swapped, settled`, () => restorableSuite(() => world as never));
}
describe('scripted containers: stopped and started', () => stoppableSuite(() => ofContainers));
describe('scripted volumes: captured and counted', () => snapshottableSuite(() => ofVolumes));
describe('a scripted gate', () => gateSuite(gates));
describe('a scripted engine, its identity and its claims', () =>
  engineSuite(() => ({ engine: host.engine, beside: beside.engine })));
