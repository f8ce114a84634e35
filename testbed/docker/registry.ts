import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../process/daemon.ts';
import { findPrograms } from '../process/find-program.ts';
import { findFreePort } from '../process/free-port.ts';
import { GiveUp, poll } from '../process/poll.ts';
import type { Say } from '../say.ts';
import { installPackages, whyNoApt } from './apt.ts';
import { follow, type HasClient } from './import-tar.ts';

/** An image registry on the loopback address, which engines trust without TLS. */
export interface Registry {
  /** `127.0.0.1:40123`: the head of the names of images in it. */
  readonly address: string;
  /** Tags an image of the engine as `<address>/<repository>:<tag>` and pushes it. @returns its `sha256:…` here */
  push(engine: HasClient, image: string, repository: string, tag: string): Promise<string>;
  /** `sha256:…` of a tag. @throws Error when it is not there */
  digestOf(repository: string, tag: string): Promise<string>;
  /** As a registry that lost or cleaned away an image: the digest is not found from then on. */
  deleteManifest(repository: string, digest: string): Promise<void>;
  /** As a registry that was tampered with: it serves other bytes under the same digest from then on. */
  alterManifest(digest: string): Promise<void>;
  /** Nothing answers on its port until `start`. Its images stay in its directory. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param directory for its images, configuration and log */
export async function startRegistry({ directory, say }: { directory: string; say: Say }): Promise<Registry> {
  const program = await findRegistry(say);
  await mkdir(join(directory, 'images'), { recursive: true });
  const port = await findFreePort();
  const address = `127.0.0.1:${port}`;
  const config = join(directory, 'registry.yml');
  await writeFile(
    config,
    [
      'version: 0.1',
      'log: { level: warn, accesslog: { disabled: true } }',
      // Without a cache of descriptors a deleted manifest is gone at once. JSON strings are YAML.
      `storage: { filesystem: { rootdirectory: ${JSON.stringify(join(directory, 'images'))} }, delete: { enabled: true } }`,
      `http: { addr: ${JSON.stringify(address)} }`,
      '',
    ].join('\n'),
  );
  let daemon: Daemon | undefined;
  const start = async (): Promise<void> => {
    if (daemon?.running() === true) return;
    const started = await startDaemon({
      command: program,
      args: ['serve', config],
      log: join(directory, 'registry.log'),
    });
    daemon = started;
    try {
      await poll({ what: 'the image registry to answer', deadlineMs: 20_000 }, async () => {
        if (!started.running()) throw new GiveUp('it ended as it started');
        return (await fetch(`http://${address}/v2/`, { signal: AbortSignal.timeout(2_000) })).ok;
      });
    } catch (error) {
      await started.stop(2_000);
      const why = (error as Error).message;
      throw new Error(`the image registry did not come up: ${why}\nits log:\n${started.tail()}`, { cause: error });
    }
  };
  await start();
  say(`image registry at ${address} (in ${directory})`);
  const digestOf = async (repository: string, tag: string): Promise<string> => {
    const response = await ask(address, 'HEAD', repository, tag);
    return response.headers.get('docker-content-digest') as string;
  };
  return {
    address,
    start,
    stop: async () => daemon?.stop(5_000),
    digestOf,
    async push(engine, image, repository, tag) {
      await engine.client.getImage(image).tag({ repo: `${address}/${repository}`, tag });
      const pushed = engine.client.getImage(`${address}/${repository}:${tag}`);
      // Nobody asks who it is, and the engine wants the header none the less.
      await follow(engine, await pushed.push({ authconfig: { username: '', password: '', serveraddress: address } }));
      return digestOf(repository, tag);
    },
    async deleteManifest(repository, digest) {
      await ask(address, 'DELETE', repository, digest);
    },
    async alterManifest(digest) {
      const hex = digest.replace('sha256:', '');
      await appendFile(join(directory, 'images/docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data'), ' ');
    },
  };
}

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

async function ask(address: string, method: string, repository: string, reference: string): Promise<Response> {
  const url = `http://${address}/v2/${repository}/manifests/${reference}`;
  const response = await fetch(url, { method, headers: { accept: MANIFEST }, signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${method} ${url}: the registry answered ${response.status}`);
  return response;
}

async function findRegistry(say: Say): Promise<string> {
  const found = findPrograms('docker-registry')[0];
  if (found !== undefined) return found;
  const why = await whyNoApt();
  if (why === undefined) await installPackages(['docker-registry'], say);
  const installed = findPrograms('docker-registry')[0];
  if (installed !== undefined) return installed;
  const reason = why === undefined ? 'docker-registry was installed, and is still not there' : why;
  throw new Error(`no image registry: docker-registry is not on PATH, and cannot be installed: ${reason}`);
}
