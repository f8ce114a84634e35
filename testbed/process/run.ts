import { spawn } from 'node:child_process';

export interface Finished {
  /** The exit code; 128 + n after signal n is not told apart from a signal, which is named here instead. */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly deadlineMs: number;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What it reads; absent, nothing. */
  readonly input?: string;
  /** Called with each piece of output, for progress. */
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
}

const KEPT = 1_000_000;

/**
 * Runs a program to its end and never throws for its exit code. The whole process group ends at the deadline.
 * @throws Error when it cannot be started, or was still running at the deadline
 */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    // One that ends without reading it is judged by its exit code.
    child.stdin.on('error', () => undefined).end(options.input);
    const kept = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        kept[stream] = (kept[stream] + text).slice(-KEPT);
        options.onOutput?.(text);
      });
    }
    let why: string | undefined;
    const end = (reason: string): void => {
      why = reason;
      if (child.pid !== undefined) endGroup(child.pid);
    };
    const timer = setTimeout(() => end(`still running after ${options.deadlineMs / 1000} s`), options.deadlineMs);
    const onAbort = (): void => end('given up');
    options.signal?.addEventListener('abort', onAbort, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
    };
    child.once('error', error => {
      settle();
      reject(new Error(`${command}: cannot be started: ${error.message}`, { cause: error }));
    });
    child.once('close', (code, signal) => {
      settle();
      if (why !== undefined) reject(new Error(`${command} ${args.join(' ')}: ${why}\n${lastLines(kept.stderr, 10)}`));
      else resolve({ code: code ?? signal ?? 'unknown', ...kept });
    });
  });
}

/** As `run`, and a failure is an error. @throws Error with the command and the last lines that it wrote */
export async function runWell(command: string, args: readonly string[], options: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ended with ${code}\n${lastLines(stderr || stdout, 15)}`);
}

export const lastLines = (text: string, count: number): string => text.trimEnd().split('\n').slice(-count).join('\n');

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It had ended meanwhile.
  }
}
