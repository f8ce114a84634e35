import { writeFile } from 'node:fs/promises';
import { poll } from '../process/poll.ts';
import type { DevTools } from './dev-tools.ts';

/** One page, used as a person does: by what can be read on it, and with mouse and keys. */
export interface Page {
  goTo(url: string): Promise<void>;
  /** All that can be read on it. */
  text(): Promise<string>;
  /** Waits until it can be read. @throws Error with what stands there instead */
  reads(what: RegExp): Promise<string>;
  /** A real click on the last visible one that fits: of these kinds of elements, with that text. */
  click(selector: string, text?: RegExp): Promise<void>;
  /** Clicks into the field, and types. */
  type(selector: string, words: string): Promise<void>;
  evaluate<T>(expression: string): Promise<T>;
  /** As a PNG file. */
  picture(file: string): Promise<void>;
}

const PATIENCE_MS = 150_000;
/** Looks, half a second apart, at a page with nothing on it. */
const WHITE_LOOKS = 40;
const BROKEN = /Try a refresh/;

export async function openPage(tools: DevTools, url: string): Promise<Page> {
  const { targetId } = await tools.call<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const attached = await tools.call<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
  const call = <T = unknown>(method: string, params: object = {}): Promise<T> =>
    tools.call<T>(method, params, attached.sessionId);
  await call('Page.enable');
  await call('Emulation.setDeviceMetricsOverride', { width: 1500, height: 1300, deviceScaleFactor: 1, mobile: false });

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await call<{ result: { value: T }; exceptionDetails?: { text: string } }>(
      'Runtime.evaluate',
      { expression, returnByValue: true, awaitPromise: true },
    );
    if (exceptionDetails !== undefined) throw new Error(`on the page: ${exceptionDetails.text}`);
    return result.value;
  };
  const text = (): Promise<string> => evaluate<string>(`(${readAll.toString()})()`);
  const press = async (type: 'mousePressed' | 'mouseReleased', at: { x: number; y: number }): Promise<unknown> =>
    call('Input.dispatchMouseEvent', { type, ...at, button: 'left', clickCount: 1 });
  const click: Page['click'] = async (selector, wanted = /(?:)/) => {
    const what = `${selector} ${wanted} on the page, at rest`;
    let last: Spot | undefined;
    // What still moves, as beside a list that is closing, is not where it was a moment later.
    const at = await poll({ what, deadlineMs: PATIENCE_MS, everyMs: 100 }, async () => {
      const before = last;
      last = await evaluate<Spot | undefined>(
        `(${placeOf.toString()})(${JSON.stringify(selector)}, ${wanted.toString()})`,
      );
      return last !== undefined && before?.x === last.x && before.y === last.y && last;
    });
    await call('Input.dispatchMouseEvent', { type: 'mouseMoved', ...at });
    await press('mousePressed', at);
    await press('mouseReleased', at);
  };
  const page: Page = {
    goTo: async to => void (await call('Page.navigate', { url: to })),
    text,
    async reads(what) {
      let white = 0;
      try {
        return await poll({ what: `${what} on the page`, deadlineMs: PATIENCE_MS, everyMs: 500 }, async () => {
          const all = await text();
          if (what.test(all)) return all;
          // A page whose server was too busy to answer says so, or stays white: it is asked for again as a person would.
          white = all.trim() === '' ? white + 1 : 0;
          if (BROKEN.test(all) || white === WHITE_LOOKS) {
            white = 0;
            await call('Page.reload');
          }
          return false;
        });
      } catch (error) {
        throw new Error(`${(error as Error).message}; it reads:\n${(await text()).slice(0, 3_000)}`, { cause: error });
      }
    },
    click,
    async type(selector, words) {
      await click(selector);
      await call('Input.insertText', { text: words });
    },
    evaluate,
    async picture(file) {
      const { data } = await call<{ data: string }>('Page.captureScreenshot', { format: 'png' });
      await writeFile(file, Buffer.from(data, 'base64'));
    },
  };
  await page.goTo(url);
  return page;
}

/** Runs on the page. Its text, and that of the frames in it: a frame that keeps its content to itself carries it in its address. */
function readAll(): string {
  const { document } = globalThis as unknown as { document: Framed };
  const frames = [...document.querySelectorAll('iframe')].map(
    frame => frame.contentDocument?.body?.innerText || decodeURIComponent(frame.src.replaceAll('+', ' ')),
  );
  return [document.body?.innerText ?? '', ...frames].join('\n');
}

interface Framed {
  readonly body?: { readonly innerText: string };
  querySelectorAll(selector: 'iframe'): Iterable<{ readonly src: string; readonly contentDocument?: Framed }>;
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** Runs on the page. The middle of the last element that fits, can be seen and is not switched off; nothing while another covers it. */
function placeOf(selector: string, wanted: RegExp): Spot | undefined {
  const page = globalThis as unknown as {
    document: {
      querySelectorAll(selector: string): Iterable<Shown>;
      elementFromPoint(x: number, y: number): Shown | null;
    };
  };
  const fits = [...page.document.querySelectorAll(selector)].filter(one => {
    const { width, height } = one.getBoundingClientRect();
    return width > 0 && height > 0 && one.disabled !== true && wanted.test(one.innerText ?? '');
  });
  const one = fits.at(-1);
  if (one === undefined) return undefined;
  one.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { x, y, width, height } = one.getBoundingClientRect();
  const middle = { x: x + width / 2, y: y + height / 2 };
  const top = page.document.elementFromPoint(middle.x, middle.y);
  return top !== null && (one.contains(top) || top.contains(one)) ? middle : undefined;
}

interface Shown {
  readonly innerText?: string;
  readonly disabled?: boolean;
  getBoundingClientRect(): { x: number; y: number; width: number; height: number };
  scrollIntoView(how: object): void;
  contains(other: Shown): boolean;
}
