import { userInfo } from 'node:os';
import { join } from 'node:path';
import { findPrograms, systemPath } from '../process/find-program.ts';
import { run } from '../process/run.ts';
import { endingWithUs } from '../process/with-us.ts';
import { type Say, sayWhile } from '../say.ts';
import { isOlder, TEMPORAL_VERSION } from './version.ts';

/** What go.mod asks for. */
const GO_NEEDED = '1.26.4';
/** From here on a go command fetches a newer one by itself. */
const GO_FETCHES = '1.21.0';
const PACKAGE = 'github.com/temporalio/cli';
const FLAGS = `-s -w -X ${PACKAGE}/internal/temporalcli.Version=${TEMPORAL_VERSION}`;

export interface BuildOptions {
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
  /** For tests; its PATH is searched for go, and then the place where Go installs itself. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Builds the Temporal CLI from the tools module beside this file into `directory`, as `temporal`.
 * @throws Error saying why not: no Go, too old, or the first lines that go wrote of its failure
 */
export async function buildTemporal(directory: string, options: BuildOptions): Promise<void> {
  const { say, signal, env = process.env } = options;
  const go = findPrograms('go', env === process.env ? `${systemPath()}:/usr/local/go/bin` : env['PATH'])[0];
  if (go === undefined) throw new Error(`Go ${GO_NEEDED} or newer is not here: no go on PATH or in /usr/local/go/bin`);
  const asked = await run(go, ['version'], {
    deadlineMs: 30_000,
    env: { ...goEnvironment(env), GOTOOLCHAIN: 'local' },
  });
  const version = /go version go(\d+\.\d+(\.\d+)?)/.exec(asked.stdout)?.[1];
  if (version === undefined) throw new Error(`${go} does not say its version: ${firstFaults(asked.stderr)}`);
  const fetches = isOlder(version, GO_NEEDED);
  if (fetches && isOlder(version, GO_FETCHES))
    throw new Error(
      `${go} is ${version}: ${GO_NEEDED} is needed, and only ${GO_FETCHES} or newer can fetch it by itself`,
    );
  say(
    `building the Temporal CLI ${TEMPORAL_VERSION} with Go ${version}: about 4 minutes on 2 cores, once; about 250 modules are downloaded${fetches ? `, and Go ${GO_NEEDED} first` : ''}`,
  );
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', FLAGS];
  args.push('-o', join(directory, 'temporal'), `${PACKAGE}/cmd/temporal`);
  const progress = follow();
  const built = endingWithUs(go, args);
  const going = run(built.command, built.args, {
    cwd: import.meta.dirname,
    deadlineMs: 40 * 60_000,
    env: { ...goEnvironment(env), ...(fetches ? { GOTOOLCHAIN: `go${GO_NEEDED}+auto` } : {}) },
    onOutput: progress.add,
    ...(signal === undefined ? {} : { signal }),
  });
  const { code, stderr } = await sayWhile(say, 'building the Temporal CLI', 10_000, going, progress.current);
  if (code !== 0) throw new Error(`go ended with ${code}:\n${firstFaults(stderr)}`);
}

/** CGO off: the CLI needs no C compiler. A workspace of the caller's is not ours. */
const goEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...env,
  HOME: env['HOME'] || userInfo().homedir,
  CGO_ENABLED: '0',
  GOWORK: 'off',
});

/** With -v go names each module as it is downloaded, and each package as it is compiled. */
function follow(): { add: (text: string) => void; current: () => string } {
  const seen = { downloaded: 0, compiled: 0 };
  return {
    add(text) {
      for (const line of text.split('\n')) {
        if (line.startsWith('go: downloading ')) seen.downloaded++;
        else if (isPackage(line)) seen.compiled++;
      }
    },
    current: () => `${seen.downloaded} modules downloaded, ${seen.compiled} packages compiled`,
  };
}

const isPackage = (line: string): boolean => /^[^\s:]+$/.test(line);

/** What is left of go's output without its progress: the first lines name the cause, later ones what followed from it. */
const firstFaults = (output: string): string =>
  output
    .split('\n')
    .filter(line => line.trim() !== '' && !line.startsWith('go: downloading ') && !isPackage(line))
    .slice(0, 12)
    .join('\n');
