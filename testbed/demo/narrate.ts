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

/** Resolves at the first Ctrl-C or request to end. */
export const awaitInterrupt = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
