import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { poll } from '../process/poll.ts';

/** One thing that an engine said happened. */
export interface Recorded {
  /** ISO 8601, of the engine's clock. */
  readonly at: string;
  /** `container`, `volume`, `image`, `network`. */
  readonly type: string;
  /** `create`, `start`, `die`, `rename`, `update`, `destroy`, … */
  readonly action: string;
  readonly id: string;
  /** Of a container: the name it had then. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Recorder {
  /** All until now, oldest first. What was asked of the engine before the call is in it. @throws when the engine stays silent */
  events(): Promise<readonly Recorded[]>;
  /** How often the engine went away and came back while it was listened to. */
  gaps(): number;
  stop(): Promise<void>;
}

/** As the engine sends it, one JSON object a line. */
interface Raw {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Record<string, string> };
  readonly timeNano: number;
}

/**
 * Listens to an engine from outside, and keeps what it says in a file, line by line. When the engine goes away it
 * listens again from the moment of the last event, so that what the engine remembers of the gap is not missed.
 */
export async function startRecorder(engine: Docker, file: string): Promise<Recorder> {
  const stopped = new AbortController();
  const seen = new Set<string>();
  let since = '';
  let gaps = 0;
  let listening: NodeJS.ReadableStream | undefined;
  const first = Promise.withResolvers<void>();

  const keep = (line: string): void => {
    const raw = JSON.parse(line) as Raw;
    // An event that is told again after a gap is the same to the nanosecond.
    const key = `${raw.timeNano} ${raw.Actor.ID} ${raw.Action}`;
    if (seen.has(key)) return;
    seen.add(key);
    since = `${Math.floor(raw.timeNano / 1e9)}.${String(Math.floor(raw.timeNano % 1e9)).padStart(9, '0')}`;
    appendFileSync(file, `${JSON.stringify(toRecorded(raw))}\n`);
  };
  const listen = async (): Promise<void> => {
    const stream = (await engine.getEvents(since === '' ? {} : { since: since as never })) as NodeJS.ReadableStream;
    listening = stream;
    // The engine answers as soon as it listens; until then nothing may be done that is to be counted.
    first.resolve();
    let rest = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter(text => text.trim() !== '')) keep(line);
    }
  };
  appendFileSync(file, '');
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await listen().catch(() => undefined);
      if (listening !== undefined && !stopped.signal.aborted) gaps += 1;
      listening = undefined;
      if (!stopped.signal.aborted) await delay(50);
    }
  })();
  await first.promise;

  const read = (): Recorded[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Recorded);
  return {
    async events() {
      // What the engine says of a mark that is set now comes after all that it said before.
      const mark = `recorder-${randomUUID().slice(0, 8)}`;
      await engine.createVolume({ Name: mark });
      await engine.getVolume(mark).remove();
      await poll({ what: 'the recorder to be up to date', deadlineMs: 10_000, everyMs: 10 }, () =>
        read().some(({ id, action }) => id === mark && action === 'destroy'),
      );
      return read().filter(({ id }) => !id.startsWith('recorder-'));
    },
    gaps: () => gaps,
    async stop() {
      stopped.abort();
      (listening as { destroy?(): void } | undefined)?.destroy?.();
      await loop;
    },
  };
}

function toRecorded({ Type, Action, Actor, timeNano }: Raw): Recorded {
  const attributes = Actor.Attributes ?? {};
  return {
    at: new Date(Math.floor(timeNano / 1e6)).toISOString(),
    type: Type,
    action: Action,
    id: Actor.ID,
    name: attributes['name'] ?? '',
    attributes,
  };
}
