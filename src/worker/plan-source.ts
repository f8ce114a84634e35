import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanSource } from '../activities/deps.ts';
import { formatFault } from '../plan/faults.ts';
import { isName } from '../plan/ids.ts';
import { parsePlan } from '../plan/parse.ts';

/** The plans of this worker: `<directory>/<platform>.yaml`, read anew each time, so that a mended plan is used at once. */
export function createPlanSource(directory: string): PlanSource {
  return {
    async read(platform) {
      if (!isName(platform))
        return { faults: [`platform ${JSON.stringify(platform)}: expected 1 to 63 of a-z 0-9 . _ -`] };
      const path = join(directory, `${platform}.yaml`);
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        return {
          faults: [
            `${path}: it cannot be read (${(error as NodeJS.ErrnoException).code}); put the plan of ${platform} there`,
          ],
        };
      }
      const parsed = parsePlan(text, path);
      if ('faults' in parsed) return { faults: parsed.faults.map(formatFault) };
      if (parsed.plan.platform !== platform)
        return {
          faults: [`${path}: platform: expected ${platform}, as the file is called, found ${parsed.plan.platform}`],
        };
      return { plan: parsed.plan };
    },
  };
}
