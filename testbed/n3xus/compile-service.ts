import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';

const SOURCE = join(import.meta.dirname, 'service');

/**
 * The service program as plain modules, path below its directory -> text. Stripped here once, so that
 * 24 small processes need not each load a compiler when they start.
 */
export function compileService(): ReadonlyMap<string, string> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  return withoutWarning(
    () =>
      new Map(
        files.sort().map(file => {
          const plain = stripTypeScriptTypes(readFileSync(join(SOURCE, file), 'utf8'));
          return [file.replace(/\.ts$/, '.mjs'), plain.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.mjs$2')];
        }),
      ),
  );
}

/** The stripping is called experimental each time it is used; whoever watches a demo need not read that. */
function withoutWarning<T>(act: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return act();
  } finally {
    process.emitWarning = emitWarning;
  }
}

export function writeService(files: ReadonlyMap<string, string>, directory: string): void {
  for (const [file, text] of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  }
}
