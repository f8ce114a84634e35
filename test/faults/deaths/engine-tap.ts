import { mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';

/** One call on its way to an engine. */
export interface EngineCall {
  /** `create`, `start`, `kill`, `rename`, `update`, `remove`, `inspect`; `list` of containers; `volume` for a look at one. */
  readonly verb: string;
  /** Of the container, as it is called when the call comes; of a creation the name that it asks for. */
  readonly name: string;
  /** The name that a rename asks for. */
  readonly to: string;
}

/** `unheard`: the engine has not been told. `unanswered`: the engine has done it, and whoever asked has not been told. */
export type Moment = 'unheard' | 'unanswered';

/**
 * Stands on the way between a worker and its real engine, and can hold single calls there: what dies meanwhile dies in
 * the middle of that very call. It changes nothing that it passes on.
 */
export interface EngineTap {
  /** Where the worker finds the engine from now on, as DOCKER_HOST. */
  front(engine: string): string;
  /** Holds every such call from now on. Resolves with the first one once it is held. */
  hold(moment: Moment, which: (call: EngineCall) => boolean): Promise<EngineCall>;
  /** What is held goes its way. */
  release(): void;
  /** What is held is lost, as it is when whoever made the call dies. */
  drop(): void;
  /** From now on the worker meets the engine itself, alive or dead. */
  stepAside(): void;
  stepIn(): void;
  close(): void;
}

interface Hold {
  readonly moment: Moment;
  readonly which: (call: EngineCall) => boolean;
  readonly met: (call: EngineCall) => void;
}
interface Held {
  goOn(): void;
  lose(): void;
}

export function createEngineTap(): EngineTap {
  const directory = mkdtempSync(join(tmpdir(), 'lg-tap-'));
  const [own, link] = [join(directory, 'tap.sock'), join(directory, 'engine.sock')];
  const open = new Set<Socket>();
  let engine = '';
  let holds: Hold[] = [];
  let held: Held[] = [];

  const server = createServer(asker => {
    kept(asker);
    let head = Buffer.alloc(0);
    const onData = (part: Buffer): void => {
      head = Buffer.concat([head, part]);
      const end = head.indexOf('\r\n');
      if (end < 0) return;
      asker.off('data', onData);
      asker.pause();
      pass(asker, head, head.subarray(0, end).toString('latin1')).catch(() => asker.destroy());
    };
    asker.on('data', onData);
  });

  async function pass(asker: Socket, head: Buffer, line: string): Promise<void> {
    const call = holds.length === 0 ? undefined : await callOf(line, engine);
    const hold = call === undefined ? undefined : holds.find(({ which }) => which(call));
    const toEngine = (): Socket => {
      const upstream = kept(connect(engine));
      upstream.write(head);
      asker.pipe(upstream);
      return upstream;
    };
    if (call === undefined || hold === undefined) return void toEngine().pipe(asker);
    if (hold.moment === 'unheard') {
      held.push({ goOn: () => void toEngine().pipe(asker), lose: () => asker.destroy() });
      return hold.met(call);
    }
    const upstream = toEngine();
    // The engine answers once it has done it.
    upstream.once('readable', () => {
      held.push({ goOn: () => void upstream.pipe(asker), lose: () => asker.destroy() });
      hold.met(call);
    });
  }

  /** Either end that goes takes the other with it; nothing is kept open behind a test's back. */
  function kept(socket: Socket): Socket {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.on('pipe', (from: Socket) => {
      socket.on('close', () => from.destroy());
      from.on('close', () => socket.destroy());
    });
    return socket;
  }

  const pointTo = (socket: string): void => {
    symlinkSync(socket, `${link}.new`);
    renameSync(`${link}.new`, link);
  };
  const settle = (how: keyof Held): void => {
    const all = held;
    [holds, held] = [[], []];
    for (const one of all) one[how]();
  };

  server.listen(own);
  pointTo(own);
  return {
    front(address) {
      if (address !== `unix://${link}`) engine = address.replace(/^unix:\/\//, '');
      return `unix://${link}`;
    },
    hold: (moment, which) => new Promise(met => holds.push({ moment, which, met })),
    release: () => settle('goOn'),
    drop: () => settle('lose'),
    stepAside: () => pointTo(engine),
    stepIn: () => pointTo(own),
    close() {
      settle('lose');
      server.close();
      for (const socket of open) socket.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A container that is asked for by its id is told by the name that it has now. */
async function callOf(line: string, engine: string): Promise<EngineCall> {
  const [method = '', target = ''] = line.split(' ');
  const url = new URL(target.replace(/^\/v1\.\d+/, ''), 'http://engine');
  const [, kind = '', id = '', verb = ''] = url.pathname.split('/');
  const to = url.searchParams.get('name') ?? '';
  if (kind === 'volumes') return { verb: 'volume', name: id, to };
  if (kind !== 'containers') return { verb: kind, name: '', to };
  if (id === 'json') return { verb: 'list', name: '', to };
  if (id === 'create') return { verb: 'create', name: to, to };
  const name = await new Docker({ socketPath: engine })
    .getContainer(id)
    .inspect()
    .then(
      found => found.Name.slice(1),
      () => id,
    );
  return { verb: method === 'DELETE' ? 'remove' : verb === 'json' ? 'inspect' : verb, name, to };
}
