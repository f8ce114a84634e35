import { describe } from 'node:test';
import { capabilitySuite } from '../../contracts/capabilities.ts';
import { observableSuite } from '../../contracts/observable.ts';
import { restorableSuite } from '../../contracts/restorable.ts';
import { stoppableSuite } from '../../contracts/stoppable.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { containerWorld } from './scenes.ts';

const engine = engineUnderTest();
const world = () => containerWorld(engine);

describe('containers: what the table of kinds says', () => capabilitySuite(world));
describe('containers: observed and recorded', () => observableSuite(world));
describe('containers: staged, swapped, settled', () => restorableSuite(world));
describe('containers: stopped and started', () => stoppableSuite(world));
