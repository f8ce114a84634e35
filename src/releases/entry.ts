import { createHash, createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { PlatformName, ReleaseId, SnapshotId } from '../plan/ids.ts';
import type { TargetState } from '../plan/run-plan.ts';
import type { GoodEvidence } from './ledger.ts';

/**
 * One file of the ledger. First line: the header, in clear and safe to show. Second: the HMAC of the first. Then, for a
 * release, one encrypted body a line. A header names the hash of the entry before, so that none can be taken out or moved.
 */
export interface Header {
  readonly version: 1;
  readonly platform: PlatformName;
  /** 1 for a platform's first entry, and one more for each after. */
  readonly generation: number;
  /** `hash` of the entry before; 64 zeros for the first. */
  readonly parent: string;
  readonly id: ReleaseId;
  /** ISO 8601. */
  readonly at: string;
  readonly fact: Fact;
}

export type Fact =
  | {
      readonly type: 'release';
      readonly origin: 'record' | 'run';
      readonly by: string;
      readonly targets: readonly { readonly state: TargetState; readonly sealed: string }[];
    }
  | { readonly type: 'good'; readonly good: GoodEvidence }
  | { readonly type: 'snapshot'; readonly snapshot: SnapshotId };

export interface Entry extends Header {
  /** Of header and HMAC, hex: what the next entry names as its parent. */
  readonly hash: string;
}

export const NO_PARENT = '0'.repeat(64);

/** The bytes of an entry's file. `bodies` are sealed, one for each of the release's targets, in order. */
export function encodeEntry(key: KeyObject, header: Header, bodies: readonly string[]): Buffer {
  const line = JSON.stringify(header);
  return Buffer.from(`${[line, macOf(key, line), ...bodies].join('\n')}\n`, 'utf8');
}

/** @throws Error, saying what is wrong, when the header is not what was written with this key */
export function decodeEntry(key: KeyObject, line: string, mac: string): Entry {
  const expected = Buffer.from(macOf(key, line), 'utf8');
  const found = Buffer.from(mac, 'utf8');
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw new Error('its header is not what was written with this key');
  }
  const header = JSON.parse(line) as Header;
  if (header.version !== 1) throw new Error(`version 1 expected, ${String(header.version)} found`);
  return { ...header, hash: createHash('sha256').update(`${line}\n${mac}`, 'utf8').digest('hex') };
}

const macOf = (key: KeyObject, line: string): string =>
  createHmac('sha256', key).update('lastgood entry v1\n').update(line, 'utf8').digest('hex');
