import { createInterface } from 'node:readline';
import { Refusal } from '../refusal.ts';
import type { Cli } from './cli.ts';

/**
 * The consent of whoever starts: the platform's name, typed on the terminal or given as `--consent`.
 * @throws Refusal usage | refused: nothing was started
 */
export async function requireConsent(cli: Cli, platform: string, given: string | undefined): Promise<void> {
  if (given === platform) return;
  if (given !== undefined) {
    throw new Refusal(
      'usage',
      `--consent=${given}: the platform's own name is expected, ${platform}; nothing was started`,
    );
  }
  if (!cli.attended) {
    throw new Refusal('usage', 'nobody can be asked here, for this is no terminal; nothing was started', {
      next: [`say that it is meant: --consent=${platform}`],
    });
  }
  const typed = await ask(cli, `Type the platform's name to start: `);
  if (typed.trim() === platform) return;
  const found = typed.trim() === '' ? 'nothing' : JSON.stringify(typed.trim().slice(0, 60));
  throw new Refusal('refused', `${platform} was expected, ${found} was typed; nothing was started`);
}

/** One line from the terminal; empty at its end or on Ctrl-C. */
function ask({ around }: Cli, question: string): Promise<string> {
  return new Promise(resolve => {
    const lines = createInterface({ input: around.stdin, output: around.stderr, terminal: true });
    lines.once('SIGINT', () => {
      around.stderr.write('\n');
      lines.close();
    });
    lines.once('close', () => resolve(''));
    lines.question(question, typed => {
      resolve(typed);
      lines.close();
    });
  });
}
