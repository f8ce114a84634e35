import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, whyNoApt } from '../docker/apt.ts';
import { startDaemon } from '../process/daemon.ts';
import { findPrograms } from '../process/find-program.ts';
import { GiveUp, poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { openDevTools } from './dev-tools.ts';
import { openPage, type Page } from './page.ts';

/** A real browser without a window, driven by its own DevTools protocol. */
export interface Browser {
  readonly version: string;
  open(url: string): Promise<Page>;
  stop(): Promise<void>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
const FLAGS = [
  '--headless=new',
  // A root's browser has no sandbox, and a container little shared memory.
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  // It speaks to the page that it is given, and to nobody else.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-extensions',
  '--window-size=1500,1300',
];

/** Finds Chromium, or installs Debian's. @throws Error saying why there is none, or what it wrote when it did not come up */
export async function startChromium(say: Say): Promise<Browser> {
  const command = await findChromium(say);
  const home = await mkdtemp(join(tmpdir(), 'lastgood-chromium-'));
  const log = join(home, 'chromium.log');
  const args = [...FLAGS, '--remote-debugging-port=0', `--user-data-dir=${join(home, 'profile')}`, 'about:blank'];
  const daemon = await startDaemon({ command, args, log, env: { ...process.env, HOME: home } });
  const end = async (): Promise<void> => {
    await daemon.stop(10_000);
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  };
  try {
    // It writes the port that it chose, and the path of its protocol.
    const [port, path] = await poll({ what: 'Chromium to come up', deadlineMs: 120_000 }, async () => {
      if (!daemon.running()) throw new GiveUp(`Chromium ended as it started:\n${daemon.tail()}`);
      const lines = (await readFile(join(home, 'profile/DevToolsActivePort'), 'utf8')).trim().split('\n');
      return lines.length === 2 && (lines as [string, string]);
    });
    const tools = await openDevTools(`ws://127.0.0.1:${port}${path}`);
    const { product } = await tools.call<{ product: string }>('Browser.getVersion');
    return {
      version: product,
      open: url => openPage(tools, url),
      async stop() {
        tools.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}

async function findChromium(say: Say): Promise<string> {
  const find = (): string | undefined => NAMES.flatMap(name => findPrograms(name))[0];
  const there = find();
  if (there !== undefined) return there;
  const why = await whyNoApt();
  if (why !== undefined) throw new Error(`this needs Chromium (Debian: chromium), and it cannot be installed: ${why}`);
  say('no Chromium is here: installing the distribution’s, which takes a while');
  await installPackages(['chromium'], say);
  const installed = find();
  if (installed === undefined) throw new Error('chromium was installed, and there is no program of that name');
  return installed;
}
