/** What of a run can be listed and filtered by. Never secret: the server keeps them as they are. */
export const SEARCH_ATTRIBUTES = {
  LastgoodPlatform: 'Keyword',
  LastgoodPhase: 'Keyword',
  LastgoodMode: 'Keyword',
  LastgoodSeverity: 'Keyword',
  LastgoodOutcome: 'Keyword',
  LastgoodRelease: 'Keyword',
  LastgoodRunHash: 'Keyword',
  LastgoodDrill: 'Bool',
} as const;

/** The same three in deploy/temporal/dynamic-config.yaml, for the stack of containers. */
export const DYNAMIC_CONFIG = {
  // 20 a second by default: each sequential step would wait for the next 50 ms slot. Five times faster so.
  'history.transferProcessorMaxPollRPS': 2000,
  // The same for what timers set off: retries, budgets.
  'history.timerProcessorMaxPollRPS': 2000,
  // An activity goes back with the workflow task that asked for it, when the worker has room: one round trip less.
  'system.enableActivityEagerExecution': true,
} as const;

export interface ServerFlags {
  readonly database: string;
  readonly port: number;
  /** None: without the Web UI. */
  readonly uiPort?: number | undefined;
}

const HOST = '127.0.0.1';

/** The arguments of `temporal` for a server whose state outlives it. */
export function serverArguments({ database, port, uiPort }: ServerFlags): string[] {
  const flags: string[][] = [
    ['server', 'start-dev'],
    // Without a file every run would be lost with the process.
    ['--db-filename', database],
    // Readers and the writer do not wait for each other.
    ['--sqlite-pragma', 'journal_mode=WAL'],
    // What was answered is on the disk: with less, a power cut could forget a step that was taken.
    ['--sqlite-pragma', 'synchronous=FULL'],
    // There is no authentication: nobody but this machine may reach it.
    ['--ip', HOST],
    ['--port', String(port)],
    uiPort === undefined ? ['--headless'] : ['--ui-ip', HOST, '--ui-port', String(uiPort)],
    // Its log is a file that only a person reads, when something is wrong.
    ['--log-level', 'warn'],
    // Colours have no place in a file.
    ['--color', 'never'],
  ];
  for (const [name, value] of Object.entries(DYNAMIC_CONFIG))
    flags.push(['--dynamic-config-value', `${name}=${value}`]);
  // A start that names an unknown one is refused by the server.
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) flags.push(['--search-attribute', `${name}=${type}`]);
  return flags.flat();
}
