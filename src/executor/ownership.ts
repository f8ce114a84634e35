import { createHash } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import { DriverError } from '../drivers/errors.ts';
import type { EngineId } from '../plan/ids.ts';
import { findHolder } from './lock-holder.ts';

export interface Ownership {
  readonly engine: EngineId;
  /** ISO 8601. */
  readonly since: string;
  /** Gives the engine back. It is given back by any death of the process as well. */
  release(): Promise<void>;
}

const ANSWER_WITHIN_MS = 2_000;
const SILENT = 'a process that does not answer';

/**
 * Takes an engine for this process, for as long as it lives. The lock is a listening socket in Linux's abstract
 * namespace: the kernel gives it to one process at a time and frees it with that process, so nothing stale is ever left.
 * It is seen by processes of one network namespace only: a worker in a container of its own needs the host's network.
 * What holds across machines is the run's claim on the engine itself.
 * @throws DriverError conflict, naming the process that has it; refused on a system that is not Linux
 */
export async function ownEngine(engine: EngineId): Promise<Ownership> {
  if (process.platform !== 'linux')
    throw new DriverError('refused', `engine ${engine}: a worker needs Linux, ${process.platform} found`);
  const path = socketOf(engine);
  const since = new Date().toISOString();
  const said = `${JSON.stringify({ pid: process.pid, since })}\n`;
  // Between "taken" and the question who has it, the other may have died: then it is free, and asked for again.
  for (let tries = 0; tries < 5; tries += 1) {
    const server = createServer(socket => {
      socket.on('error', () => socket.destroy());
      socket.end(said);
    });
    if (await listen(server, path)) {
      server.unref();
      return { engine, since, release: () => new Promise(resolve => server.close(() => resolve())) };
    }
    const holder = await askHolder(path);
    if (holder === SILENT) throw await ownedBySilent(engine, path.slice(1));
    if (holder !== 'nobody') throw owned(engine, holder);
  }
  throw owned(engine, 'a process that came and went');
}

/** An abstract name has 107 bytes; an id that does not fit goes in by its hash. */
function socketOf(engine: EngineId): string {
  const name = `lastgood:${engine}`;
  const fits = Buffer.byteLength(name) <= 100;
  return `\0${fits ? name : `lastgood:${createHash('sha256').update(engine).digest('hex')}`}`;
}

function listen(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    server.once('error', error => {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') resolve(false);
      else reject(new DriverError('unavailable', `the lock of an engine cannot be taken: ${error.message}`));
    });
    server.listen(path, () => resolve(true));
  });
}

/** Whoever listens, in words; `nobody` when the name is free again. */
function askHolder(path: string): Promise<string> {
  return new Promise(resolve => {
    let text = '';
    const socket = connect(path);
    const silent = setTimeout(() => answer(SILENT), ANSWER_WITHIN_MS);
    const answer = (holder: string) => {
      clearTimeout(silent);
      socket.destroy();
      resolve(holder);
    };
    socket.setEncoding('utf8');
    socket.on('data', chunk => {
      text = (text + chunk).slice(0, 200);
    });
    socket.on('end', () => answer(describe(text)));
    socket.on('error', error => answer((error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? 'nobody' : SILENT));
  });
}

function describe(text: string): string {
  const match = /^\{"pid":(\d+),"since":"([0-9T:.Z-]+)"\}\n$/.exec(text);
  return match === null ? 'a process that does not say who it is' : `process ${match[1]} since ${match[2]}`;
}

const owned = (
  engine: EngineId,
  holder: string,
  next = 'stop the other worker, or let it serve this engine',
): DriverError => new DriverError('conflict', `engine ${engine} is served by ${holder}; nothing was changed`, { next });

/** What was stopped keeps the lock, for it may go on at any time: only its end gives the engine to another. */
async function ownedBySilent(engine: EngineId, name: string): Promise<DriverError> {
  const found = await findHolder(name);
  if (found === undefined) return owned(engine, SILENT);
  const how = found.stopped ? 'is stopped (SIGSTOP) and holds it still' : 'does not answer';
  const next = `kill -CONT ${found.pid} lets it go on; kill -KILL ${found.pid} ends it, and its work is then another worker's`;
  return owned(engine, `process ${found.pid}, which ${how}`, next);
}
