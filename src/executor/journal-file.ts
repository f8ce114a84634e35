import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What a journal asks of its file. Injected, so that a test can count flushes and make them fail. */
export interface JournalFile {
  read(): Promise<Uint8Array>;
  /** Appends all of `bytes` and returns once they are on disk. */
  append(bytes: Uint8Array): Promise<void>;
  /** Cuts the file to `length` bytes, on disk. */
  cut(length: number): Promise<void>;
}

/** Makes the file when it is not there, and its name durable. The handle is opened for each write: none is ever left over. */
export async function openJournalFile(path: string, opener: typeof open = open): Promise<JournalFile> {
  const using: Using = async (at, flags, work) => {
    const file = await opener(at, flags, 0o600);
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  };
  await create(path, using);
  return {
    read: () => using(path, constants.O_RDONLY, file => file.readFile()),
    append: bytes =>
      using(path, constants.O_WRONLY | constants.O_APPEND, async file => {
        await file.writeFile(bytes);
        await file.datasync();
      }),
    cut: length =>
      using(path, constants.O_WRONLY, async file => {
        await file.truncate(length);
        await file.sync();
      }),
  };
}

type Using = <T>(path: string, flags: number, work: (file: FileHandle) => Promise<T>) => Promise<T>;

async function create(path: string, using: Using): Promise<void> {
  const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const isNew = await using(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, file => file.sync()).then(
    () => true,
    error => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    },
  );
  if (!isNew) return;
  // Each directory's entry lies in the directory above it.
  const top = made === undefined ? dirname(path) : dirname(made);
  for (let at = dirname(path); ; at = dirname(at)) {
    await using(at, constants.O_RDONLY, directory => directory.sync());
    if (at === top || at === dirname(at)) return;
  }
}
