import type { Command } from 'commander';
import type { Commands } from '../program.ts';
import { cliOf, withServer } from '../session.ts';

/** `lastgood setup`: namespace, search attributes, the ledger's key. Says each thing that it did or found; safe to repeat. */
export function addSetup({ program, around }: Commands): void {
  program
    .command('setup')
    .description("make what lastgood needs: the namespace, its search attributes, the ledger's key; safe to repeat")
    .option('--no-key', 'leave the key alone: the worker runs elsewhere')
    .action(async (options: { key: boolean }, command: Command) => {
      const cli = cliOf(command, around);
      const { setUpServer } = await import('../../setup-server.ts');
      const done = await withServer(cli, setUpServer);
      if (options.key) done.push(await makeKey(around.env));
      cli.result(
        { done },
        done.map(({ what, how }) => `${how.padEnd(6)} ${what}`),
      );
    });
}

async function makeKey(env: Commands['around']['env']): Promise<{ what: string; how: 'made' | 'found' }> {
  const { environmentOf } = await import('../../connection.ts');
  const { createKeyFile, loadKey } = await import('../../../releases/key.ts');
  const { Refusal } = await import('../../refusal.ts');
  const { key } = environmentOf(env);
  try {
    await createKeyFile(key);
    return {
      what: `the ledger's key ${key}: keep a copy of it, for without it the releases cannot be read`,
      how: 'made',
    };
  } catch (error) {
    const taken = (error as { kind?: unknown }).kind === 'conflict';
    const failure = taken
      ? await loadKey(key).then(
          () => undefined,
          (wrong: unknown) => wrong,
        )
      : error;
    if (failure === undefined) return { what: `the ledger's key ${key}`, how: 'found' };
    const { next: advice } = failure as { next?: string };
    const next = advice === undefined ? [] : [advice];
    const permission = (failure as NodeJS.ErrnoException).code === 'EACCES';
    throw new Refusal(permission ? 'not-allowed' : 'refused', `key ${key}: ${(failure as Error).message}`, {
      next: permission ? ['run it as the owner of LASTGOOD_STATE, or name another place: LASTGOOD_KEY=/path'] : next,
      cause: failure,
    });
  }
}
