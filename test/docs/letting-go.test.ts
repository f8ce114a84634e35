import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { claimName, LABEL } from '../../src/drivers/docker/labels.ts';

it('the page on operating names what a run that is let go by hand has left: claim, journal, containers', async () => {
  const text = await readFile(join(import.meta.dirname, '../../docs/operating.md'), 'utf8');
  const [, chapter = ''] = text.split('### Letting a run go by hand');
  const own = chapter.split('\n## ')[0] ?? '';
  for (const part of [
    `docker rm ${claimName('n3xus')}`,
    '/journals/n3xus/<run>.jsonl',
    `label=${LABEL.run}=<run>`,
    '.lg-prev-<run>',
    '.lastgood/<run>',
    'docker update --restart',
  ])
    assert.ok(own.includes(part), part);
});
