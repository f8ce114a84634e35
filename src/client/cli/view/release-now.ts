import type { RunProgress } from '../../../run/progress.ts';
import { plain } from './paint.ts';

/** What runs now, in a word: the one label that all changed containers have, or how many differ. Empty before admit. */
export function releaseNow(p: RunProgress): string {
  const changed = p.outline?.changes.filter(change => change.change === 'changed' && change.kind === 'docker') ?? [];
  if (p.outline === undefined || changed.length === 0) return '';
  const labels = new Set(changed.map(change => change.from));
  const [only] = labels;
  if (labels.size === 1 && only !== undefined && only !== '' && only.length <= 24) return plain(only);
  return `${changed.length} changed`;
}
