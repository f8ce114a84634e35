import { createCipheriv, createDecipheriv, createHash, type KeyObject, randomBytes } from 'node:crypto';
import type { PlatformName, ReleaseId, TargetId } from '../plan/ids.ts';

const CIPHER = 'aes-256-gcm';
const NONCE = 12;
const TAG = 16;

/** Where a body belongs. It is authenticated with it: a body moved elsewhere does not open. */
export interface Place {
  readonly platform: PlatformName;
  readonly release: ReleaseId;
  readonly target: TargetId;
}

/** AES-256-GCM under a random nonce: base64 of nonce, tag and ciphertext. */
export function sealBody(key: KeyObject, place: Place, body: unknown): string {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG }).setAAD(bound(place));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(body ?? null), 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** @throws Error when the key is another, a byte was changed, or the body belongs elsewhere */
export function openBody(key: KeyObject, place: Place, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(bound(place))
    .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
  const plain = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
  return JSON.parse(plain.toString('utf8'));
}

/** Hex SHA-256 of a sealed body as stored: what an entry's header names its bodies by. */
export const digestOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

const bound = ({ platform, release, target }: Place): Buffer =>
  Buffer.from(JSON.stringify(['lastgood body v1', platform, release, target]), 'utf8');
