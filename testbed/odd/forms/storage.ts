import { type Form, less, lessHost, lessItems } from '../form.ts';
import type { Seen } from '../seen.ts';

const mounted = ({ found }: Seen, at: string) => {
  const mount = found.Mounts.find(({ Destination }) => Destination === at);
  if (mount === undefined) return 'nothing';
  const own = /^[0-9a-f]{64}$/.test(mount.Name ?? '');
  const what = mount.Type === 'volume' ? (own ? 'a volume of its own' : mount.Name) : mount.Type;
  return `${what} ${mount.RW ? 'rw' : 'ro'}`;
};
/** What the engine says, and what the kernel does. */
const both = async (at: Seen, path: string) => ({
  engine: mounted(at, path),
  kernel: (await at.mount(path))?.options.find(option => option === 'rw' || option === 'ro') ?? 'nothing',
});
const lessBind = (text: string): Form['lose'] => lessItems('Binds', text);
const rebind =
  (at: string, more: string): Form['lose'] =>
  ({ body }) => {
    const binds = (body.HostConfig['Binds'] ?? []) as string[];
    body.HostConfig['Binds'] = binds.map(bind => (bind.split(':')[1] === at ? bind.replace(/:[a-z,]+$/, more) : bind));
  };
const editMount =
  (at: string, edit: (mount: Record<string, unknown>) => void): Form['lose'] =>
  ({ body }) => {
    for (const mount of (body.HostConfig['Mounts'] ?? []) as Record<string, unknown>[])
      if (mount['Target'] === at) edit(mount);
  };
const propagation = ({ found }: Seen, path: string) =>
  found.Mounts.find(({ Destination }) => Destination === path)?.Propagation;

export const STORAGE: readonly Form[] = [
  {
    form: 'a named volume',
    on: 'vault',
    want: { engine: 'odd-named rw', kernel: 'rw' },
    see: at => both(at, '/named'),
    lose: lessBind(':/named"'),
  },
  {
    form: 'a named volume, to be read',
    on: 'vault',
    want: { engine: 'odd-readonly ro', kernel: 'ro' },
    see: at => both(at, '/named-ro'),
    lose: rebind('/named-ro', ''),
  },
  {
    form: 'a volume that is not filled from the image',
    on: 'vault',
    want: { engine: 'odd-nocopy rw', mode: 'nocopy' },
    see: at => ({
      engine: mounted(at, '/bin/nocopy'),
      mode: at.found.Mounts.find(({ Destination }) => Destination === '/bin/nocopy')?.Mode,
    }),
    lose: rebind('/bin/nocopy', ''),
  },
  {
    form: 'a volume asked for as a mount, to be read',
    on: 'vault',
    want: { engine: 'odd-mounted ro', kernel: 'ro' },
    see: at => both(at, '/mounted'),
    lose: editMount('/mounted', mount => void delete mount['ReadOnly']),
  },
  {
    form: 'an anonymous volume of its own, with its data',
    on: 'vault',
    want: { engine: 'a volume of its own rw', data: 'kept' },
    see: async at => ({ engine: mounted(at, '/own'), data: await at.file('/own/marker') }),
    lose: less('Volumes'),
  },
  {
    form: "an anonymous volume of its image's, with its data",
    on: 'vault',
    want: { engine: 'a volume of its own rw', data: 'kept' },
    see: async at => ({ engine: mounted(at, '/cache'), data: await at.file('/cache/marker') }),
    lose: ({ body }) => {
      body.HostConfig['Tmpfs'] = { ...(body.HostConfig['Tmpfs'] as object), '/cache': '' };
    },
  },
  {
    form: 'a directory of the host',
    on: 'vault',
    want: { engine: 'bind rw', kernel: 'rw', data: 'of the host' },
    see: async at => ({ ...(await both(at, '/bind')), data: await at.file('/bind/file') }),
    lose: lessBind(':/bind"'),
  },
  {
    form: 'a directory of the host, to be read',
    on: 'vault',
    want: { engine: 'bind ro', kernel: 'ro' },
    see: at => both(at, '/bind-ro'),
    lose: rebind('/bind-ro', ''),
  },
  {
    form: 'the propagation of a bind',
    on: 'vault',
    want: 'private',
    see: at => propagation(at, '/private'),
    lose: rebind('/private', ''),
  },
  {
    form: 'the propagation of a bind asked for as a mount',
    on: 'vault',
    want: 'private',
    see: at => propagation(at, '/mounted-bind'),
    lose: editMount('/mounted-bind', mount => void delete mount['BindOptions']),
  },
  {
    form: 'a tmpfs with its size, mode and noexec',
    on: 'vault',
    want: { type: 'tmpfs', size: 'size=2048k', noexec: true, itsMode: true },
    async see(at) {
      const mount = await at.mount('/scratch');
      return {
        type: mount?.type,
        size: mount?.whole.find(option => option.startsWith('size=')),
        noexec: mount?.options.includes('noexec'),
        // Without a wish it is another one from the second start on.
        itsMode: (await at.mode('/scratch')) === '1700',
      };
    },
    lose: ({ body }) => {
      const tmpfs = body.HostConfig['Tmpfs'] as Record<string, string> | undefined;
      if (tmpfs?.['/scratch'] !== undefined) tmpfs['/scratch'] = '';
    },
  },
  {
    form: 'a tmpfs asked for as a mount, with its size and mode',
    on: 'gear',
    want: { type: 'tmpfs', size: 'size=1024k', itsMode: true },
    async see(at) {
      const mount = await at.mount('/mounted-tmp');
      return {
        type: mount?.type,
        size: mount?.whole.find(option => option.startsWith('size=')),
        itsMode: (await at.mode('/mounted-tmp')) === '1770',
      };
    },
    lose: editMount('/mounted-tmp', mount => void delete mount['TmpfsOptions']),
  },
  {
    form: "another container's volumes, to be read",
    on: 'reader',
    want: { named: 'odd-named ro', own: 'a volume of its own ro', same: true, bind: 'bind ro' },
    async see(at) {
      const source = ({ found }: Seen) => found.Mounts.find(({ Destination }) => Destination === '/own')?.Name;
      return {
        named: mounted(at, '/named'),
        own: mounted(at, '/own'),
        same: source(at) !== undefined && source(at) === source(await at.of('vault')),
        bind: mounted(at, '/bind'),
      };
    },
    lose: lessItems('VolumesFrom', 'vault'),
  },
  {
    form: "a second container's volumes, to be written",
    on: 'reader',
    want: { engine: 'a volume of its own rw', same: true },
    async see(at) {
      const source = ({ found }: Seen) => found.Mounts.find(({ Destination }) => Destination === '/lent')?.Name;
      return {
        engine: mounted(at, '/lent'),
        same: source(at) !== undefined && source(at) === source(await at.of('base')),
      };
    },
    lose: lessItems('VolumesFrom', 'base'),
  },
  {
    form: 'a root that cannot be written',
    on: 'strict',
    want: 'ro',
    see: async at => (await at.mount('/'))?.options.find(option => option === 'rw' || option === 'ro'),
    lose: lessHost('ReadonlyRootfs'),
  },
  {
    form: 'the size of its shared memory',
    on: 'strict',
    want: 'size=2048k',
    see: async at => (await at.mount('/dev/shm'))?.whole.find(option => option.startsWith('size=')),
    lose: lessHost('ShmSize'),
  },
];
