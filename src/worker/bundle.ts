import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';

const WORKFLOWS = join(import.meta.dirname, `../workflows/index${extname(import.meta.filename)}`);
/** Messages that nobody can read must not stop a run. */
const CONVERTER = join(import.meta.dirname, `../workflows/payload-converter${extname(import.meta.filename)}`);
/** Beside the built command lies its bundle, made at build time. */
export const PREBUILT = join(import.meta.dirname, 'workflow-bundle.js');
/** What a workflow may import, besides the SDK. */
const SOURCES = ['workflows', 'policy', 'run', 'plan'].map(folder => join(import.meta.dirname, '..', folder));

/**
 * The workflows as one file: the prebuilt one, or one made of the sources and kept under `cache` by their content.
 * @returns its path
 */
export async function findBundle(cache: string): Promise<string> {
  if (existsSync(PREBUILT)) return PREBUILT;
  const path = join(cache, `workflows-${await contentHash()}.js`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const beside = `${path}.${randomUUID()}.part`;
  await writeFile(beside, await bundle());
  await rename(beside, path);
  return path;
}

export async function bundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS,
    payloadConverterPath: CONVERTER,
    logger: QUIET,
  });
  return code;
}

const nothing = (): void => undefined;
const QUIET = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: console.error,
  error: console.error,
};

async function contentHash(): Promise<string> {
  // How it is bundled is part of what it is.
  const hash = createHash('sha256')
    .update(process.version)
    .update(await readFile(import.meta.filename));
  for (const folder of SOURCES) {
    const names = (await readdir(folder, { recursive: true })).filter(name => name.endsWith('.ts')).sort();
    for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  }
  hash.update(await readFile(join(import.meta.dirname, '../../package-lock.json')).catch(() => ''));
  return hash.digest('hex').slice(0, 16);
}
