import type { Message } from '../../../src/notify/channel.ts';
import type { Underway } from '../../workflows/given.ts';
import type { Script } from './script.ts';

/** Whoever is on call: hears what is told, and answers as the script says. Never waits, and never fails the run. */
export interface Person {
  hears(message: Message): void;
  /** Of which run; another one after a take-over. */
  mind(run: Underway): void;
  /** Asks how the run stands: for one whose question was told before it was minded. */
  looks(): Promise<void>;
  /** Answers given so far. */
  answered(): number;
}

/** `<run>-<event>-<kind>-<level>-<channel>`: the kind and the level that a message's id tells. */
const ID = /-(?<kind>awaiting|held)-(?<level>\d+)-[a-z]+$/;

export function createPerson(script: Script): Person {
  const seen = new Set<string>();
  let run: Underway | undefined;
  let given = 0;
  const said = { by: 'ada', reason: 'as the script says' };

  const answer = async (): Promise<void> => {
    const asked = run;
    if (asked === undefined) return;
    const decide = script.answers[given] ?? 'handover';
    given += 1;
    const heeded = await asked.ask('decide', { ...said, decide });
    if (script.twice === true) {
      await asked.tell('decide', { nonsense: true });
      await asked.tell('acknowledge', said);
    }
    // Once an undo has begun it is too late for `revert`.
    if (!heeded.counted && decide === 'revert') await asked.ask('decide', { ...said, decide: 'retry' });
  };
  const approve = async (): Promise<void> => {
    if (run === undefined || script.approval === undefined || script.approval === 'silence') return;
    const { outline } = await run.progress();
    if (script.approval === 'deny') return void (await run.ask('deny', said));
    for (let times = script.twice === true ? 2 : 1; times > 0; times -= 1)
      await run.ask('confirm', { by: 'ben', hash: outline?.hash });
  };
  // What comes too late finds the run closed: nobody is there to answer.
  const quietly = (work: Promise<void>): Promise<void> => work.catch(() => undefined);

  return {
    hears({ id }) {
      const { kind, level } = ID.exec(id)?.groups ?? {};
      if (kind === undefined || seen.has(id)) return;
      seen.add(id);
      if (kind === 'held' && level === '1') void quietly(answer());
      if (kind === 'awaiting') void quietly(approve());
    },
    mind(next) {
      run = next;
    },
    async looks() {
      const { state } = (await run?.progress().catch(() => undefined)) ?? {};
      if (state === 'held') await quietly(answer());
      if (state === 'waiting') await quietly(approve());
    },
    answered: () => given,
  };
}
