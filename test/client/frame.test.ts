import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { it } from 'node:test';
import fc from 'fast-check';
import { Frame } from '../../src/client/cli/view/frame.ts';

/** What a terminal shows after these bytes: as much of one as a frame uses. */
function shown(bytes: string): string[] {
  const lines: string[] = [''];
  let row = 0;
  // The escape character is put as a word, so that patterns can be read.
  for (const [token] of bytes.replaceAll('\u001b', '␛').matchAll(/␛\[\??\d*[A-Za-z]|\n|\r|[^␛\n\r]+/gu)) {
    const up = /^␛\[(\d+)A$/u.exec(token);
    if (up !== null) row = Math.max(0, row - Number(up[1]));
    else if (token === '␛[2K') lines[row] = '';
    else if (token === '␛[J') lines.splice(row, lines.length, '');
    else if (token === '\n') {
      row += 1;
      lines[row] ??= '';
    } else if (!token.startsWith('␛') && token !== '\r') lines[row] = token;
  }
  return lines;
}

const written = (draws: (frame: Frame) => void): string => {
  const out = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
  draws(new Frame(out));
  return String(out.read());
};
const screens = fc.array(fc.array(fc.stringMatching(/^[a-z]{1,20}$/), { maxLength: 10 }), {
  minLength: 1,
  maxLength: 8,
});

it('shows the last picture alone, whatever was drawn before it', () => {
  fc.assert(
    fc.property(screens, pictures => {
      const bytes = written(frame => {
        for (const lines of pictures) frame.draw(lines);
        frame.end(true);
      });
      assert.deepEqual(shown(bytes), [...pictures.at(-1)!, '']);
    }),
  );
});

it('leaves nothing behind when it is not kept, and gives the cursor back', () => {
  const bytes = written(frame => {
    frame.draw(['one', 'two']);
    frame.end(false);
  });
  assert.deepEqual(shown(bytes), ['']);
  assert.ok(bytes.endsWith('\u001b[?25h'));
});

it('writes nothing when the picture is the same', () => {
  const once = written(frame => frame.draw(['one']));
  const twice = written(frame => {
    frame.draw(['one']);
    frame.draw(['one']);
  });
  assert.equal(twice, once);
});
