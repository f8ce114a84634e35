import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { rollbackId } from '../../../src/workflows/messages.ts';
import { type Browser, startChromium } from '../../../testbed/browser/chromium.ts';
import type { Page } from '../../../testbed/browser/page.ts';
import { poll } from '../../../testbed/process/poll.ts';
import { findTemporal } from '../../../testbed/temporal/binary.ts';
import { startTemporal, type TemporalServer } from '../../../testbed/temporal/server.ts';
import { type Stand, say, setStand } from '../../platforms/stand.ts';
import { cancelAt } from './cancel.ts';
import { handleOf } from './outside.ts';
import { PLACES, type Place } from './places.ts';
import { resetAt } from './reset.ts';
import { terminateAt } from './terminate.ts';

/** A directory for pictures of each page, for whoever wants to see them. */
const PICTURES = process.env['LASTGOOD_TEST_PICTURES'];

describe('in the Web UI, by a real browser', () => {
  let directory: string;
  let server: TemporalServer;
  let stand: Stand;
  let browser: Browser;
  let page: Page;
  const held = PLACES.find(({ name }) => name === 'held before the line') as Place;

  // What a failed case left behind is not the next one's to bear.
  beforeEach(async () => {
    stand ??= await setStand(server.address);
  });
  afterEach(async t => {
    if ((t as unknown as { readonly passed: boolean }).passed) return;
    const left = stand;
    stand = undefined as unknown as Stand;
    await left?.end();
  });
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lg-web-ui-'));
    const { path: binary } = await findTemporal({ say });
    server = await startTemporal({ binary, directory, say, ui: true });
    browser = await startChromium(say);
    page = await browser.open(server.uiUrl as string);
  });
  after(async () => {
    await stand?.end();
    await browser?.stop();
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const see = async (name: string): Promise<void> => {
    if (PICTURES !== undefined) await page.picture(join(PICTURES, `${name}.png`));
  };
  const goTo = async (run: string, tab: string): Promise<void> => {
    const { platform } = stand;
    await page.goTo(`${server.uiUrl}/namespaces/default/workflows/${rollbackId(platform)}/${run}/${tab}`);
  };

  it('a held run reads like the runbook, and cancelling it is an abort', async () => {
    await cancelAt(stand, held, async run => {
      await goTo(run, 'timeline');
      // From the bottom up: what is under way now, and what was done, in the runbook's words.
      for (const words of [/swap in v1 · \d+ targets/, /start services · 2 services/, /keep gate shut/])
        await page.reads(words);
      await see('timeline');
      await page.click('a', /^User Metadata$/);
      await page.reads(/HELD · start · start-tiers/);
      await page.reads(/an answer: retry, revert, handover/);
      const all = await page.reads(new RegExp(`lastgood decide ${stand.platform} revert`));
      assert.match(all, /traffic\W+shut/);
      await see('user-metadata');
      const heard = async () => {
        const { events } = await handleOf(stand, run).fetchHistory();
        return events?.some(event => event.workflowExecutionCancelRequestedEventAttributes);
      };
      await clicked('the cancellation to be heard', heard, async () => {
        await goTo(run, 'timeline');
        await page.click('button', /^Request Cancellation$/);
        await see('cancel');
      });
    });
    await page.reads(/Failed/);
    await see('cancelled');
    say(`cancelled in ${browser.version}: reverted`);
  });

  it('a run that is terminated is taken over', async () => {
    const { stood, outcome } = await terminateAt(stand, held, async run => {
      const heard = async () => (await handleOf(stand, run).describe()).status.name === 'TERMINATED';
      await clicked('the run to be terminated', heard, async () => {
        await goTo(run, 'timeline');
        await page.reads(/Running/);
        await page.click('button', /^More Actions$/);
        await page.click('[data-testid="terminate-button"]', /Terminate/);
        await page.type('#workflow-termination-reason', 'it hangs');
        await see('terminate');
      });
    });
    say(`terminated in ${browser.version}: ${stood}, then ${outcome}`);
  });

  it('a run that is reset acts no more beside the first', async () => {
    const { became, outcome } = await resetAt(stand, held, async run => {
      const begun = async () => {
        const { runId } = await handleOf(stand).describe();
        return runId !== run && runId;
      };
      return clicked('the run that the reset began', begun, async () => {
        await goTo(run, 'timeline');
        await page.reads(/Running/);
        await page.click('button', /^More Actions$/);
        await page.click('[data-testid="reset-button"]', /Reset/);
        await page.click('[aria-controls="reset-event-id-select"]');
        await page.click('#reset-event-id-select [role="option"]', /WorkflowTaskCompleted/);
        await see('reset');
      });
    });
    say(`reset in ${browser.version}: ${became[0]}, from the first task ${became[1]}, then ${outcome}`);
  });

  /**
   * Goes to the question, and clicks Confirm. A run's history moves on while its page is read: what was too slow, or not
   * heard, is tried again, as a person would. @throws Error with what the page says
   */
  async function clicked<T>(
    what: string,
    heard: () => Promise<T | undefined | false>,
    question: () => Promise<unknown>,
  ): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        await question();
        await page.click('[data-testid="confirm-modal-button"]', /./);
        return await poll({ what, deadlineMs: 30_000 }, heard);
      } catch (error) {
        // It may have been heard after all: then there is nothing left to click.
        const late = await heard().catch(() => undefined);
        if (late !== undefined && late !== false) return late;
        if (tries === 3)
          throw new Error(`${(error as Error).message}; the page reads:\n${await page.text()}`, { cause: error });
      }
    }
  }
});
