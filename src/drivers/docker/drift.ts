import type { ContainerTarget } from '../../plan/plan.ts';
import type { Look } from '../contract.ts';
import type { DockerClient } from './client.ts';
import type { Inspection } from './inspection.ts';

/** Where programs of any image write while they run, and nothing that must outlive them. */
const EXPECTED = ['/run', '/var/run', '/tmp', '/var/tmp', '/var/log', '/var/cache', '/dev', '/proc', '/sys'];
/** Where engines mount their own process that minds children (`--init`), on a file that they make for it. */
const INIT = '/sbin/docker-init';
const EXPECTED_NAMES = /\.(pid|sock|lock|log|pyc)$|\/__pycache__$|\/\.(bash|ash|sh|psql|node_repl|rediscli)_history$/;

/**
 * Paths in a container's writable layer that are not as its image has them, and that nothing says to expect: a
 * container made again from its image would not have them. Deepest paths only, sorted.
 */
export async function unexpectedChanges(
  client: DockerClient,
  found: Inspection,
  target: ContainerTarget,
  look: Look,
): Promise<string[]> {
  const changes = await client.ask(`list changed files of ${target.container}`, look.signal, docker =>
    docker.getContainer(found.Id).changes(),
  );
  // Nothing changed is told as null, which the library gives as bytes.
  const paths = (Array.isArray(changes) ? (changes as { Path: string }[]) : []).map(({ Path }) => Path);
  const mounted = found.Mounts.map(mount => mount.Destination);
  const tmpfs = Object.keys(found.HostConfig.Tmpfs ?? {});
  const ignored = [...EXPECTED, INIT, ...target.ignoreChanges, ...mounted, ...tmpfs];
  const parents = new Set([...paths, ...mounted, ...tmpfs].flatMap(ancestors));
  return paths
    .filter(path => !parents.has(path) && !EXPECTED_NAMES.test(path) && !ignored.some(root => isAtOrUnder(path, root)))
    .sort();
}

const isAtOrUnder = (path: string, root: string): boolean =>
  path === root || path.startsWith(`${root.replace(/\/$/, '')}/`);

/** A directory whose entries changed is listed as changed itself: its entries say more. */
function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, depth) => `/${parts.slice(0, depth + 1).join('/')}`);
}
