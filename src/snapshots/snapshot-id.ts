import { randomBytes } from 'node:crypto';
import type { SnapshotId } from '../plan/ids.ts';

const ID = /^\d{8}-\d{6}\.\d{3}-[0-9a-f]{12}$/;

/** `20260930-141503.123-9f8e7d6c5b4a`: UTC time, then chance. Sorted as text, ids stand in the order of time. */
export function makeSnapshotId(at: Date): SnapshotId {
  const [date = '', time = ''] = at.toISOString().replace('Z', '').replaceAll(/[-:]/g, '').split('T');
  return `${date}-${time}-${randomBytes(6).toString('hex')}` as SnapshotId;
}

export const isSnapshotId = (text: string): text is SnapshotId => ID.test(text);
