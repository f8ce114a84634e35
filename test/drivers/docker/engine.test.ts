import { describe } from 'node:test';
import { connect } from '../../../src/drivers/docker/client.ts';
import { createDockerEngine } from '../../../src/drivers/docker/engine.ts';
import { engineSuite } from '../../contracts/engine.ts';
import { engineUnderTest } from './engine-under-test.ts';

const engine = engineUnderTest();

describe('a Docker engine, its identity and its claims', () =>
  engineSuite(() => ({
    engine: createDockerEngine(engine().client),
    beside: createDockerEngine(connect(engine().client.address)),
  })));
