import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectory, writeOnce } from '../disk/durable-file.ts';
import { DriverError } from '../drivers/errors.ts';

const BYTES = 32;

/**
 * Makes the ledger's key: 32 random bytes, mode 0600, flushed to disk.
 * @throws DriverError conflict when the path is taken: without its key a ledger can no longer be read
 */
export async function createKeyFile(path: string): Promise<void> {
  await makeDirectory(dirname(path));
  if (!(await writeOnce(path, randomBytes(BYTES)))) {
    throw new DriverError('conflict', `key ${path}: a file is there already, and nothing was written over it`, {
      next: 'keep it: the releases recorded so far can only be read with it',
    });
  }
}

/**
 * Reads the key. What is returned does not print its bytes.
 * @throws DriverError missing | refused (others may read it) | corrupt (not 32 bytes)
 */
export async function loadKey(path: string): Promise<KeyObject> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      throw new DriverError('missing', `key ${path}: there is no such file`, {
        next: 'make one: lastgood setup; if releases were recorded before, put their key back from its copy instead',
      });
    }
    throw new DriverError('refused', `key ${path}: cannot be opened (${error.code})`, {
      next: 'run lastgood as the owner of the key',
    });
  });
  try {
    const about = await file.stat();
    const mode = about.mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new DriverError(
        'refused',
        `key ${path}: mode 0600 expected, 0${mode.toString(8)} found: others may read it`,
        {
          next: `chmod 600 ${path}, and if others may have read it treat the secrets of the recorded releases as known`,
        },
      );
    }
    if (!about.isFile() || about.size !== BYTES) {
      const found = about.isFile() ? `${about.size} found` : 'found no plain file';
      throw new DriverError('corrupt', `key ${path}: ${BYTES} bytes expected, ${found}`, {
        next: 'put the key back from its copy; nothing of lastgood writes over one',
      });
    }
    return createSecretKey(await file.readFile());
  } finally {
    await file.close();
  }
}

/** A key for one purpose alone, so that no use of the key file can stand in for another. */
export function deriveKey(key: KeyObject, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, 'lastgood ledger v1', purpose, BYTES)));
}

/**
 * The keyed hash of settings: HMAC-SHA256, 64 hex digits. Equal texts have equal fingerprints under one key, and
 * without the key no guess at a setting can be tried against it.
 */
export function fingerprintWith(key: KeyObject): (text: string) => string {
  const derived = deriveKey(key, 'fingerprint of settings');
  return text => createHmac('sha256', derived).update(text, 'utf8').digest('hex');
}
