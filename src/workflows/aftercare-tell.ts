import { seconds } from '../plan/duration.ts';
import type { RunHash } from '../plan/ids.ts';
import { notStarted } from '../run/progress.ts';
import type { SayingKind } from '../run/saying.ts';
import type { AftercareRequest } from './messages.ts';
import { office } from './send.ts';

interface Told {
  readonly on: readonly string[];
  /** Of the sample or the try that it tells of: one message is sent once. */
  readonly number: number;
  readonly reason: string;
}

/** Says it on each channel. @returns false when none of them took it: then it is to be said again */
export async function tellPeople(
  { platform, run, hash }: AftercareRequest,
  kind: SayingKind & ('worse' | 'kept'),
  { on, number, reason }: Told,
): Promise<boolean> {
  const summary = kind === 'worse' ? 'worse than the baseline' : 'undo is still kept';
  const each = on.map(async channel => {
    try {
      const { delivered } = await office(`tell ${channel} · ${summary}`, seconds(60)).notify({
        platform,
        channel,
        hash: hash as RunHash,
        id: `${run}:aftercare:${kind === 'kept' ? 'kept:' : ''}${number}:${channel}`,
        saying: { kind, progress: { ...notStarted, run }, level: 0, levels: 0, within: 0, reason },
      });
      return delivered;
    } catch {
      return false;
    }
  });
  return (await Promise.all(each)).some(Boolean);
}
