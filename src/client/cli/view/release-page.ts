import type { ReleaseEntry } from '../../../releases/ledger.ts';
import { pad, plain } from './paint.ts';

/** One line a release: name, whether it is good and by what evidence, when and by whom. */
export function listReleases(releases: readonly ReleaseEntry[], platform: string): string[] {
  if (releases.length === 0)
    return ['no release is recorded', `  record what runs: lastgood release record ${platform}`];
  const longest = Math.max(...releases.map(release => release.id.length));
  return releases.map(release => {
    const good = release.good === undefined ? '    ' : 'good';
    const data = release.snapshots.length === 0 ? '' : `, ${release.snapshots.length} snapshots`;
    return `${pad(release.id, longest)}  ${good}  ${when(release.recordedAt)} by ${plain(release.by)}${release.origin === 'run' ? ' (found by a run)' : ''}${data}`;
  });
}

export function describeRelease(release: ReleaseEntry): string[] {
  const longest = Math.max(0, ...release.targets.map(target => target.target.length));
  return [
    `${release.id} of ${release.platform}`,
    `  recorded   ${when(release.recordedAt)} by ${plain(release.by)}, origin ${release.origin}`,
    `  good       ${release.good === undefined ? 'not yet' : `${when(release.good.at)} by ${plain(release.good.by)}: ${plain(release.good.reason)}`}`,
    `  snapshots  ${release.snapshots.length === 0 ? 'none' : release.snapshots.join(', ')}`,
    '  targets',
    ...release.targets.map(target =>
      `    ${pad(target.target, longest)}  ${plain(target.label)}  ${target.version.slice(0, 19)}`.trimEnd(),
    ),
  ];
}

const when = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
