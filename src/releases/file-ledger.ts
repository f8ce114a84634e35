import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { DriverError } from '../drivers/errors.ts';
import { isName, type PlatformName, type ReleaseId } from '../plan/ids.ts';
import { appendEntry, type Chain, entryPath, readChain, readSealed } from './chain.ts';
import type { Entry, Fact } from './entry.ts';
import { deriveKey } from './key.ts';
import type { Ledger, NewRelease, RecordedBody, ReleaseEntry } from './ledger.ts';
import { brokenBody, brokenLedger, checkRelease, noRelease, onDisk } from './ledger-faults.ts';
import { contentOf, findRecord, releasesIn } from './releases-in.ts';
import { digestOf, openBody, sealBody } from './sealed-body.ts';

export interface FileLedgerOptions {
  readonly directory: string;
  /** As `loadKey` gives it. */
  readonly key: KeyObject;
  readonly now: () => Date;
}

/** What is to be added, or the entry that makes adding needless. */
type Addition = { readonly fact: Fact; readonly bodies: readonly string[] } | { readonly known: ReleaseEntry };

/**
 * The ledger as files: a folder a platform, an entry a file, written once and never changed again. Headers are in clear
 * and sealed, bodies encrypted. What is broken is told as `corrupt`, and never passed over.
 */
export function createFileLedger({ directory, key, now }: FileLedgerOptions): Ledger {
  const sealing = deriveKey(key, 'encryption of bodies');
  const signing = deriveKey(key, 'authentication of entries');
  const waiting = new Map<PlatformName, Promise<unknown>>();

  const folder = (platform: PlatformName): string => {
    if (isName(platform)) return join(directory, platform);
    throw new DriverError('refused', `ledger: ${JSON.stringify(platform)} is not a platform's name`);
  };
  const read = (platform: PlatformName): Promise<Chain> =>
    onDisk(`ledger of ${platform}`, () => readChain(folder(platform), platform, signing));
  const readWhole = async (platform: PlatformName): Promise<Chain> => {
    const chain = await read(platform);
    if (chain.faults.length > 0) throw brokenLedger(platform, chain.faults);
    return chain;
  };

  /** One writer at a time here; one elsewhere is seen by the entry it wrote, and then all is looked at anew. */
  function append(platform: PlatformName, id: ReleaseId, decide: (chain: Chain) => Promise<Addition>) {
    const task = async (): Promise<ReleaseEntry> => {
      for (;;) {
        const chain = await readWhole(platform);
        const addition = await decide(chain);
        if ('known' in addition) return addition.known;
        const about = { platform, id, at: now().toISOString(), fact: addition.fact };
        const last = chain.entries.at(-1);
        const add = () => appendEntry(folder(platform), signing, last, about, addition.bodies);
        if (await onDisk(`ledger of ${platform}: release ${id}`, add))
          return get(await readWhole(platform), platform, id);
      }
    };
    const turn = (waiting.get(platform) ?? Promise.resolve()).then(task, task);
    waiting.set(platform, turn);
    return turn;
  }

  async function open(
    entry: Entry,
    index: number,
    state: RecordedBody['state'],
    sealed: string,
  ): Promise<RecordedBody> {
    const { platform, id: release } = entry;
    const what = `${state.target} of release ${release}`;
    const stored = await onDisk(`ledger of ${platform}: ${what}`, () => readSealed(folder(platform), entry, index));
    try {
      if (digestOf(stored) !== sealed) throw new Error('its bytes are not those that were recorded');
      return { state, body: openBody(sealing, { platform, release, target: state.target }, stored) };
    } catch (error) {
      throw brokenBody(entryPath(folder(platform), entry.generation), what, error);
    }
  }

  function sealed({ platform, id: release, origin, by, targets }: NewRelease): Addition {
    const bodies = targets.map(({ state, body }) =>
      sealBody(sealing, { platform, release, target: state.target }, body),
    );
    const heads = targets.map(({ state }, index) => ({ state, sealed: digestOf(bodies[index]!) }));
    return { fact: { type: 'release', origin, by, targets: heads }, bodies };
  }

  return {
    async add(release) {
      const { platform, id } = release;
      checkRelease(release);
      return append(platform, id, async chain => {
        const record = findRecord(chain.entries, platform, id);
        if (record === undefined) return sealed(release);
        const there = record.targets.map((one, index) => open(record.entry, index, one.state, one.sealed));
        if (contentOf(record.origin, await Promise.all(there)) === contentOf(release.origin, release.targets)) {
          return { known: get(chain, platform, id) };
        }
        const found = `release ${id} was recorded with other content at ${record.entry.at}`;
        throw new DriverError('conflict', `ledger of ${platform}: ${found}; nothing was written`, {
          next: 'record under another id: what stands is never rewritten',
        });
      });
    },
    async find(platform, id) {
      const chain = await read(platform);
      const found = releasesIn(chain.entries).find(entry => entry.id === id);
      // A release that is whole may be used whatever befell the others; one that is not there may be the one taken out.
      if (found === undefined && chain.faults.length > 0) throw brokenLedger(platform, chain.faults);
      return found;
    },
    async list(platform) {
      return releasesIn((await readWhole(platform)).entries);
    },
    async load(platform, id, target) {
      const chain = await read(platform);
      const record = findRecord(chain.entries, platform, id);
      if (record === undefined)
        throw chain.faults.length > 0 ? brokenLedger(platform, chain.faults) : noRelease(platform, id);
      const index = record.targets.findIndex(one => one.state.target === target);
      const held = record.targets[index];
      if (held !== undefined) return open(record.entry, index, held.state, held.sealed);
      throw new DriverError('missing', `ledger of ${platform}: release ${id} holds nothing of ${target}`);
    },
    promote: (platform, id, good) =>
      append(platform, id, async chain => {
        const known = get(chain, platform, id);
        const same = JSON.stringify(known.good) === JSON.stringify(good);
        return same ? { known } : { fact: { type: 'good', good }, bodies: [] };
      }),
    attach: (platform, id, snapshot) =>
      append(platform, id, async chain => {
        const known = get(chain, platform, id);
        return known.snapshots.includes(snapshot) ? { known } : { fact: { type: 'snapshot', snapshot }, bodies: [] };
      }),
  };
}

/** @throws DriverError missing */
function get(chain: Chain, platform: PlatformName, id: ReleaseId): ReleaseEntry {
  const found = releasesIn(chain.entries).find(entry => entry.id === id);
  if (found === undefined) throw noRelease(platform, id);
  return found;
}
