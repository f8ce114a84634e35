import { readlink } from 'node:fs/promises';
import { type Form, less, lessHost, withHost } from '../form.ts';
import type { Seen } from '../seen.ts';

const label = (name: string) => (at: Seen) => at.found.Config.Labels[name];
const lessLabel =
  (name: string): Form['lose'] =>
  ({ body }) =>
    void delete body.Labels?.[name];
/** As the process has it. A value with a newline is one entry. */
const variable = (name: string) => async (at: Seen) =>
  (await at.environment()).find(entry => entry.startsWith(`${name}=`))?.slice(name.length + 1);
const lessVariable =
  (name: string): Form['lose'] =>
  ({ body }) => {
    body.Env = (body.Env ?? []).filter(entry => entry.split('=')[0] !== name);
  };
const policy = (at: Seen) => {
  const { Name, MaximumRetryCount } = at.found.HostConfig.RestartPolicy as { Name: string; MaximumRetryCount: number };
  return `${Name}:${MaximumRetryCount}`;
};
type Config = { readonly StopSignal?: string; readonly StopTimeout?: number; readonly Healthcheck?: unknown };
const config = ({ found }: Seen) => found.Config as Config;

export const RUNNING: readonly Form[] = [
  { form: 'a restart policy: always', on: 'hub', want: 'always:0', see: policy, lose: lessHost('RestartPolicy') },
  {
    form: 'a restart policy: on failure, three times',
    on: 'poll',
    want: 'on-failure:3',
    see: policy,
    lose: lessHost('RestartPolicy'),
  },
  {
    form: 'a restart policy: unless stopped',
    on: 'lazy',
    want: 'unless-stopped:0',
    see: policy,
    lose: lessHost('RestartPolicy'),
  },
  {
    form: 'no restart policy, and being at rest',
    on: 'parked',
    stays: true,
    want: { policy: 'no:0', runs: false, code: 0 },
    // What ended once is not started again to end again: it is left as it was made.
    see: at => ({ policy: policy(at), runs: at.found.State.Running, code: at.found.State.ExitCode }),
    lose: withHost('RestartPolicy', { Name: 'unless-stopped' }),
  },
  {
    form: 'a health check with all its times',
    on: 'poll',
    want: {
      Test: ['CMD-SHELL', 'wget -q -O /dev/null http://127.0.0.1:8080/health'],
      Interval: 2_000_000_000,
      Timeout: 1_500_000_000,
      StartPeriod: 3_000_000_000,
      Retries: 4,
    },
    see: at => config(at).Healthcheck,
    lose: ({ body }) => void delete (body['Healthcheck'] as Record<string, unknown> | undefined)?.['StartPeriod'],
  },
  {
    form: "a health check of its image's turned off",
    on: 'lazy',
    want: { health: undefined, test: ['NONE'] },
    see: at => ({
      health: (at.found.State as { Health?: { Status: string } }).Health?.Status,
      test: (config(at).Healthcheck as { Test?: string[] } | undefined)?.Test,
    }),
    lose: less('Healthcheck'),
  },
  { form: 'a stop signal', on: 'shell', want: 'SIGQUIT', see: at => config(at).StopSignal, lose: less('StopSignal') },
  { form: 'a time to stop in', on: 'shell', want: 3, see: at => config(at).StopTimeout, lose: less('StopTimeout') },
  { form: 'no time to stop in', on: 'poll', want: 0, see: at => config(at).StopTimeout, lose: less('StopTimeout') },
  {
    form: 'a process that minds its children',
    on: 'shell',
    want: true,
    see: async at => ((await at.args())[0] ?? '').includes('init'),
    lose: lessHost('Init'),
  },
  {
    form: 'no process that minds its children, said so',
    on: 'args',
    want: false,
    see: ({ found }) => (found.HostConfig as { Init?: boolean }).Init,
    lose: lessHost('Init'),
  },
  {
    form: 'options of its log',
    on: 'hub',
    want: { 'max-size': '1m', 'max-file': '2', labels: 'odd.team' },
    see: ({ found }) => found.HostConfig.LogConfig?.Config,
    lose: lessHost('LogConfig'),
  },
  {
    form: 'no log',
    on: 'sidecar',
    want: 'none',
    see: ({ found }) => found.HostConfig.LogConfig?.Type,
    lose: lessHost('LogConfig'),
  },
  {
    form: 'another log driver',
    on: 'lazy',
    want: { Type: 'local', Config: { 'max-file': '3' } },
    see: ({ found }) => found.HostConfig.LogConfig,
    lose: lessHost('LogConfig'),
  },
  {
    form: "an entry point of its image's taken away",
    on: 'shell',
    want: { entrypoint: null, runs: true },
    see: async at => ({
      entrypoint: at.found.Config.Entrypoint ?? null,
      runs: (await at.args()).includes('sh') && !(await at.args()).includes('/bin/entry'),
    }),
    lose: less('Entrypoint'),
  },
  {
    form: 'arguments with blanks, and an empty one at the end',
    on: 'shell',
    want: ['shell', 'with a blank', ''],
    see: async at => (await at.args()).slice(-3),
    lose: ({ body }) => {
      body.Cmd = (body.Cmd ?? []).slice(0, 3);
    },
  },
  {
    form: 'an entry point of its own, of two words',
    on: 'args',
    want: ['/bin/entry', 'idle'],
    see: async at => (await at.args()).slice(1, 3),
    lose: less('Entrypoint'),
  },
  {
    form: 'arguments: an empty one, one beyond ASCII',
    on: 'args',
    want: ['', '--flag=ž', 'two words'],
    see: async at => (await at.args()).slice(-3),
    lose: less('Cmd'),
  },
  { form: 'a working directory', on: 'strict', want: '/data', see: at => cwdOf(at), lose: less('WorkingDir') },
  {
    form: 'a terminal',
    on: 'shell',
    want: true,
    see: async at => (await readlink(`/proc/${at.found.State.Pid}/fd/0`)).includes('pts'),
    lose: less('Tty'),
  },
  {
    form: 'an input that is kept open',
    on: 'shell',
    want: true,
    see: ({ found }) => found.Config.OpenStdin,
    lose: less('OpenStdin'),
  },
  { form: 'a label without a value', on: 'shell', want: '', see: label('odd.empty'), lose: lessLabel('odd.empty') },
  {
    form: 'a label beyond ASCII',
    on: 'shell',
    want: 'žluťoučký ☃ \u{1f680}',
    see: label('odd.unicode'),
    lose: lessLabel('odd.unicode'),
  },
  { form: 'a label with = in it', on: 'shell', want: 'a=b=c', see: label('odd.equals'), lose: lessLabel('odd.equals') },
  {
    form: 'a very long label',
    on: 'shell',
    want: 6_000,
    see: at => label('odd.long')(at)?.length,
    lose: lessLabel('odd.long'),
  },
  {
    form: 'a label of several lines',
    on: 'shell',
    want: 'one\ntwo\t"three"',
    see: label('odd.lines'),
    lose: lessLabel('odd.lines'),
  },
  {
    form: "a label in place of its image's",
    on: 'shell',
    want: 'of the container',
    see: label('odd.both'),
    lose: lessLabel('odd.both'),
  },
  {
    form: 'a label by the name of what objects have already',
    on: 'shell',
    want: 'a name that objects have already',
    see: ({ found }) =>
      Object.hasOwn(found.Config.Labels, 'constructor') ? found.Config.Labels['constructor'] : undefined,
    lose: lessLabel('constructor'),
  },
  { form: 'a variable without a value', on: 'shell', want: '', see: variable('EMPTY'), lose: lessVariable('EMPTY') },
  {
    form: 'a variable beyond ASCII',
    on: 'shell',
    want: 'žluťoučký ☃',
    see: variable('UNICODE'),
    lose: lessVariable('UNICODE'),
  },
  {
    form: 'a variable of two lines',
    on: 'shell',
    want: 'one\ntwo',
    see: variable('LINES'),
    lose: lessVariable('LINES'),
  },
  {
    form: 'a variable with = in it',
    on: 'shell',
    want: 'a=b=c',
    see: variable('EQUALS'),
    lose: lessVariable('EQUALS'),
  },
  {
    form: 'a variable with blanks about it',
    on: 'shell',
    want: '  x  ',
    see: variable('BLANKS'),
    lose: lessVariable('BLANKS'),
  },
  {
    form: 'a variable with quotes and a dollar',
    on: 'shell',
    want: '"$HOME" \'`',
    see: variable('QUOTES'),
    lose: lessVariable('QUOTES'),
  },
  {
    form: 'a very long variable',
    on: 'shell',
    want: 6_000,
    see: async at => (await variable('LONG')(at))?.length,
    lose: lessVariable('LONG'),
  },
  {
    form: "a variable in place of its image's",
    on: 'shell',
    want: 'of the container',
    see: variable('OLD'),
    lose: lessVariable('OLD'),
  },
  { form: "a variable of its image's emptied", on: 'args', want: '', see: variable('OLD'), lose: lessVariable('OLD') },
  {
    form: "a variable of its image's taken away",
    on: 'shell',
    want: undefined,
    see: variable('DROP'),
    lose: lessVariable('DROP'),
  },
];

const cwdOf = ({ found }: Seen): Promise<string> => readlink(`/proc/${found.State.Pid}/cwd`);
