import { styleText } from 'node:util';

/** A heading of the demo. */
export const chapter = (number: string, title: string): void => {
  process.stdout.write(`\n${styleText('bold', `── ${number} · ${title}`)}\n`);
};

export const fact = (text: string): void => {
  process.stdout.write(`   ${text}\n`);
};

/** Says what was found, and hands it on. */
export function verdict(holds: boolean, text: string): boolean {
  process.stdout.write(`   ${holds ? styleText('green', '✓') : styleText('red', '✗')} ${text}\n`);
  return holds;
}

/** Aborts at the first Ctrl-C or request to end, and says so; a second one ends at once. */
export function interruption(): AbortSignal {
  const interrupted = new AbortController();
  const heard = (): void => {
    if (interrupted.signal.aborted) return;
    process.stderr.write('ending; what was made is removed first\n');
    interrupted.abort(new Error('interrupted'));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, heard);
  return interrupted.signal;
}

/** Resolves once it is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
