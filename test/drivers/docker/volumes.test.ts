import { describe } from 'node:test';
import { capabilitySuite } from '../../contracts/capabilities.ts';
import { observableSuite } from '../../contracts/observable.ts';
import { restorableSuite } from '../../contracts/restorable.ts';
import { snapshottableSuite } from '../../contracts/snapshottable.ts';
import { engineUnderTest } from './engine-under-test.ts';
import { volumeWorld } from './volume-scenes.ts';

const engine = engineUnderTest();
const made = volumeWorld(engine);
const world = () => made;

describe('volumes: what the table of kinds says', () => capabilitySuite(world));
describe('volumes: observed and recorded', () => observableSuite(world));
describe('volumes: staged, swapped, settled', () => restorableSuite(world));
describe('volumes: captured and counted', () => snapshottableSuite(world));
