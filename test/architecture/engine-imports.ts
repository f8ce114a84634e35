// Prints, for every source, what Node's own engine finds that it imports. Needs --experimental-vm-modules.
import { stripTypeScriptTypes } from 'node:module';
import vm from 'node:vm';
import { readTree } from './tree.ts';

interface Module {
  readonly dependencySpecifiers?: readonly string[];
  readonly moduleRequests?: readonly { readonly specifier: string }[];
}
const { SourceTextModule } = vm as unknown as { SourceTextModule: new (source: string) => Module };

const imports = [...readTree(process.argv[2] ?? '.', ['src', 'test', 'testbed'])].map(([file, source]) => {
  const module = new SourceTextModule(stripTypeScriptTypes(source));
  const specifiers = module.moduleRequests?.map(({ specifier }) => specifier) ?? module.dependencySpecifiers ?? [];
  return [file, [...new Set(specifiers)].sort()];
});
process.stdout.write(JSON.stringify(Object.fromEntries(imports)));
