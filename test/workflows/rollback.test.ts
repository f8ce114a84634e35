import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { useTemporal } from '../support/temporal.ts';
import { runOf } from './run-of.ts';
import { createScriptedPlatform, serve } from './scripted-platform.ts';

const temporal = await useTemporal();

describe('a rollback on the scripted world', () => {
  it('puts every target back to the release and completes', async () => {
    const platform = await createScriptedPlatform();
    const stop = await serve(temporal, platform);
    try {
      const run = await runOf(temporal, platform, platform.request());
      assert.equal(run.report.outcome, 'completed', JSON.stringify(run.report, null, 1));
    } finally {
      await stop();
    }
  });
});
