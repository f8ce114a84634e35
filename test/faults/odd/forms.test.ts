import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type Docker from 'dockerode';
import { startPrivateEngine } from '../../../testbed/docker/engine.ts';
import type { Form } from '../../../testbed/odd/form.ts';
import { FORMS } from '../../../testbed/odd/forms.ts';
import { bringUpOdd, LENDERS, makeOdd, type Odd, oddRequests } from '../../../testbed/odd/platform.ts';
import { nameOf, readForm, readForms } from '../../../testbed/odd/reading.ts';
import { NAMES, type OddName } from '../../../testbed/odd/requests.ts';
import { say } from '../../platforms/stand.ts';

const AT_ONCE = 3;

describe('the table of forms of settings', () => {
  it('names each form once', () => {
    assert.equal(new Set(FORMS.map(nameOf)).size, FORMS.length);
  });

  it('notices each form that a container made again has lost, and none where nothing is lost', async t => {
    const directory = await mkdtemp(join(tmpdir(), 'lg-forms-'));
    const engine = await startPrivateEngine({ directory: join(directory, 'engine'), say: () => undefined });
    t.after(async () => {
      await engine.stop();
      await rm(directory, { recursive: true, force: true });
    });
    const odd = await bringUpOdd(engine.client, { directory: join(directory, 'odd'), say: () => undefined });
    const whole = await readForms(engine.client);
    for (const form of FORMS) assert.deepEqual(whole.get(nameOf(form)), form.want, nameOf(form));

    const missed: string[] = [];
    const plantIn = async (name: OddName): Promise<void> => {
      for (const form of FORMS.filter(({ on }) => on === name)) {
        const reading = await readWithout(engine.client, odd, form);
        if (typeof reading === 'string' && reading.startsWith('cannot be seen'))
          missed.push(`${nameOf(form)}: ${reading}`);
        else if (isDeepStrictEqual(reading, form.want)) missed.push(nameOf(form));
      }
    };
    // Whom others hold on to comes last: their namespaces die with it.
    const queue = NAMES.filter(name => !LENDERS.includes(name)).values();
    const work = async (): Promise<void> => {
      for (const name of queue) await plantIn(name);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    for (const name of LENDERS) await plantIn(name);
    say(`${FORMS.length} forms of settings, ${FORMS.length} losses planted, ${FORMS.length - missed.length} noticed`);
    assert.deepEqual(missed, []);
  });
});

/** What is seen of a form once its container was made again by somebody who forgot it, and nothing else. */
async function readWithout(engine: Docker, odd: Odd, form: Form): Promise<unknown> {
  const request = oddRequests(odd, 'v1').find(({ name }) => name === form.on);
  assert.ok(request);
  form.lose(request);
  await engine.getContainer(form.on).remove({ force: true, v: true });
  await makeOdd(engine, request);
  return readForm(engine, form);
}
