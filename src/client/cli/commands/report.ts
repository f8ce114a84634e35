import type { Command } from 'commander';
import { renderReport } from '../../../run/render-report.ts';
import { platformName } from '../arguments.ts';
import type { Commands } from '../program.ts';
import { cliOf, loadRuns, withServer } from '../session.ts';

/** `lastgood report <platform>`: the newest run's report, as Markdown or as a RunReport in JSON. */
export function addReport({ program, around }: Commands): void {
  program
    .command('report')
    .description('what a run did, for people and incident files: Markdown, or JSON with -o json')
    .argument('<platform>', 'whose newest run is meant', platformName)
    .option('--run <id>', 'that run, not the newest')
    .action(async (platform: string, options: { run?: string }, command: Command) => {
      const cli = cliOf(command, around);
      const { reportOf } = await loadRuns();
      const report = await withServer(cli, at => reportOf(at, platform, options.run));
      cli.result(report, [renderReport(report)]);
    });
}
