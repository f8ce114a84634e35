import { systemPath } from '../process/find-program.ts';
import { runWell } from '../process/run.ts';

const TABLES = ['filter', 'nat'] as const;
/** The chains that dockerd empties whenever it starts, be their rules its own or another engine's. */
const EMPTIED = ['DOCKER', 'DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2'];

/** One rule, as `iptables -S` prints it: `-A DOCKER -i br0 -j RETURN`. */
interface Rule {
  readonly table: string;
  readonly line: string;
}

const options = () => ({ deadlineMs: 30_000, env: { ...process.env, PATH: systemPath() } });
const iptables = (args: readonly string[]): Promise<string> =>
  runWell('iptables', ['--wait', '20', ...args], options());

/** All of them at once, or none: hundreds of single calls keep a small machine busy for seconds. */
async function change(rules: readonly Rule[], to: (rule: Rule) => string): Promise<void> {
  for (const table of TABLES) {
    const lines = rules.filter(rule => rule.table === table).map(to);
    if (lines.length === 0) continue;
    const input = `*${table}\n${lines.join('\n')}\nCOMMIT\n`;
    await runWell('iptables-restore', ['--noflush', '--wait', '20'], { ...options(), input });
  }
}

async function listRules(): Promise<Rule[]> {
  const rules: Rule[] = [];
  for (const table of TABLES) {
    const text = await iptables(['-t', table, '-S']);
    for (const line of text.split('\n')) if (line.startsWith('-A ')) rules.push({ table, line });
  }
  return rules;
}

/** `iptables -S` quotes only what holds a space. */
const words = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? (match[2] as string));

/**
 * A starting dockerd empties the chains that it shares with every other engine of the machine, whose published ports
 * and network isolation would be gone until its own restart. This runs `start` and puts back what was lost to it.
 */
export async function keepRulesOfOthers<T>(start: () => Promise<T>): Promise<T> {
  const before = await listRules();
  try {
    return await start();
  } finally {
    const after = new Set((await listRules()).map(rule => `${rule.table} ${rule.line}`));
    const lost = before.filter(
      rule => EMPTIED.some(chain => rule.line.startsWith(`-A ${chain} `)) && !after.has(`${rule.table} ${rule.line}`),
    );
    // At the head of its chain and in reverse: the closing RETURN that dockerd appends stays behind them.
    await change(lost.reverse(), ({ line }) => line.replace(/^-A (\S+)/, '-I $1 1'));
  }
}

/** Removes every rule that names one of these bridges or an address with this prefix (`10.201.`). */
export async function removeRules(bridges: readonly string[], prefix: string): Promise<void> {
  const own = (await listRules()).filter(({ line }) =>
    words(line).some(word => bridges.includes(word) || word.startsWith(prefix)),
  );
  try {
    await change(own, ({ line }) => line.replace(/^-A/, '-D'));
  } catch {
    await removeEach(own);
  }
}

async function removeEach(rules: readonly Rule[]): Promise<void> {
  for (const rule of rules) {
    const [, ...rest] = words(rule.line);
    await iptables(['-t', rule.table, '-D', ...rest]).catch(async (error: unknown) => {
      // Another engine that starts empties the chain in between: what is gone need not be removed.
      const stands = (await listRules()).some(other => other.table === rule.table && other.line === rule.line);
      if (stands) throw error;
    });
  }
}
