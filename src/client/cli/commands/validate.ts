import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Fault } from '../../../plan/faults.ts';
import type { Plan } from '../../../plan/plan.ts';
import { EXIT } from '../exit-codes.ts';
import type { Commands } from '../program.ts';
import { cliOf } from '../session.ts';

/** `lastgood validate <file…>`: every fault of every file at once; no server is needed. */
export function addValidate({ program, around, finish }: Commands): void {
  program
    .command('validate')
    .description('check plan files: every fault at once, as file:line:column')
    .argument('<file...>', 'plan files')
    .action(async (files: string[], _options: object, command: Command) => {
      const { formatFault } = await import('../../../plan/faults.ts');
      const checked = await Promise.all(files.map(check));
      const lines = checked.flatMap(one =>
        'plan' in one ? [`${one.file}: valid. ${describe(one.plan)}`] : one.faults.map(formatFault),
      );
      cliOf(command, around).result({ files: checked.map(documentOf) }, lines);
      if (checked.some(one => 'faults' in one)) finish(EXIT.usage);
    });
}

type Checked = { readonly file: string } & ({ readonly plan: Plan } | { readonly faults: readonly Fault[] });

async function check(file: string): Promise<Checked> {
  const { parsePlan } = await import('../../../plan/parse.ts');
  try {
    return { file, ...parsePlan(await readFile(file, 'utf8'), file) };
  } catch (error) {
    const message = `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
    return { file, faults: [{ file, line: 0, column: 0, path: '', message }] };
  }
}

const documentOf = (one: Checked): object =>
  'plan' in one
    ? { file: one.file, valid: true, platform: one.plan.platform, planDigest: one.plan.digest, faults: [] }
    : { file: one.file, valid: false, faults: one.faults };

const describe = (plan: Plan): string =>
  `Platform ${plan.platform}: ${plan.targets.length} targets, ${plan.tiers.length} tiers, ${plan.gates.length} gates; plan digest ${plan.digest.slice(0, 12)}`;
