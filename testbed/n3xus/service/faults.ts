import { readFileSync } from 'node:fs';

/** What a bad release can be told to do wrong. */
export const FAULTS = {
  /** The ledger charges no platform fee, and its health says so. */
  'no-fee': ['ledger-mgr'],
  /** More than a tenth of the answers of `/auth/*` are 503 or 401. */
  'auth-errors': ['auth-service'],
  /** Listens, then exits with 1; the restart policy brings it back to do it again. */
  'restart-loop': ['rewards-ms', 'chat-stream-ms'],
  /** Rewrites the amounts of rows that stand already, a few a second. */
  'corrupt-rows': ['ledger-mgr', 'wallet-ms'],
  /** Each answer comes 800 ms late. */
  slow: ['puabo-api', 'ledger-mgr'],
  /** Exits with 1 before it listens. */
  'no-start': ['license-service'],
  /** Runs and never listens. */
  'no-listen': ['license-service'],
  /** Only SIGKILL ends it. */
  'ignore-term': ['streamcore'],
  /** Answers 200, and says that it is a version that nobody released. */
  'wrong-version': ['token-mgr'],
} as const satisfies Record<string, readonly string[]>;
export type Fault = keyof typeof FAULTS;

/**
 * `no-fee,restart-loop@rewards-ms,restart-loop@ott-api` -> the faults of one service.
 * Without a service a fault has the ones of `FAULTS`; `@all` is every one.
 * @throws Error on a fault that does not exist
 */
export function parseFaults(text: string, service: string): ReadonlySet<Fault> {
  const mine = new Set<Fault>();
  for (const word of text.split(/[,\s]+/).filter(part => part !== '')) {
    const [name = '', where] = word.split('@');
    if (!(name in FAULTS))
      throw new Error(`no fault ${JSON.stringify(name)}; there are ${Object.keys(FAULTS).join(', ')}`);
    const fault = name as Fault;
    const named = where === undefined ? (FAULTS[fault] as readonly string[]).includes(service) : where === service;
    if (named || where === 'all') mine.add(fault);
  }
  return mine;
}

/** The faults of now: the environment's, and those of a file that may change while the service runs. */
export function watchFaults(service: string): { has(fault: Fault): boolean; onChange(act: () => void): void } {
  const file = process.env['NEXUS_FAULT_FILE'];
  const acts: (() => void)[] = [];
  let last: string | undefined;
  let faults: ReadonlySet<Fault> = new Set();
  const look = () => {
    const text = `${process.env['NEXUS_FAULT'] ?? ''},${file === undefined ? '' : readIfThere(file)}`;
    if (text === last) return;
    last = text;
    faults = parseFaults(text, service);
    for (const act of acts) act();
  };
  look();
  if (file !== undefined) setInterval(look, 500).unref();
  return { has: fault => faults.has(fault), onChange: act => acts.push(act) };
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
