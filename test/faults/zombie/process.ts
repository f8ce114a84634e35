import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { poll } from '../../../testbed/process/poll.ts';
import { endingWithUs } from '../../../testbed/process/with-us.ts';

/** A process of ours that can be frozen in the middle of what it does. */
export interface Frozen {
  readonly pid: number;
  /** The next message of it that is one. */
  hears<T extends object>(isIt: (message: object) => message is T): Promise<T>;
  tell(message: object): void;
  /** SIGSTOP; resolves once the kernel says that it stands still. */
  freeze(): Promise<void>;
  /** SIGCONT. */
  thaw(): void;
  kill(): Promise<void>;
}

export function startProcess(program: string, args: readonly string[], env = process.env): Frozen {
  const { command, args: all } = endingWithUs(process.execPath, [program, ...args]);
  const child: ChildProcess = spawn(command, all, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env });
  const said: object[] = [];
  child.on('message', message => said.push(message as object));
  const pid = child.pid!;
  return {
    pid,
    hears: async isIt =>
      poll({ what: `a message of process ${pid}`, deadlineMs: 240_000, everyMs: 20 }, () => {
        const at = said.findIndex(message => isIt(message));
        const found = at < 0 ? undefined : said.splice(at, 1)[0];
        return found !== undefined && isIt(found) ? found : undefined;
      }),
    tell: message => void child.send(message),
    freeze: async () => {
      child.kill('SIGSTOP');
      await poll({ what: `process ${pid} to stand still`, deadlineMs: 30_000, everyMs: 10 }, () => {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
      });
    },
    thaw: () => void child.kill('SIGCONT'),
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
