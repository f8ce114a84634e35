import type { StepResult } from '../run/step.ts';
import { each, found, journalOfObjects, type Session } from './session.ts';

/** Rows written since traffic opened to the release, by store: what going back would give up. Empty before the line. */
export async function countRowsSince(s: Session): Promise<string> {
  if (!s.order.hasOpened) return '';
  const frozen = await rowsAtFreeze(s);
  const parts = await Promise.all(
    s.plan.targets.map(async target => {
      if (target.kind !== 'docker-volume' || target.count === undefined) return [];
      const driver = s.drivers.of('docker-volume');
      const then = frozen[target.id];
      const now = await driver.countRows?.(target, target.count, s.look).catch(() => undefined);
      if (now === undefined || then === undefined) return [`${target.id}: cannot be counted`];
      return [`${target.id}: ${now} now - ${then} at the freeze = ${now - then}`];
    }),
  );
  const text = parts.flat().join(', ');
  return text === '' ? '' : `rows written since traffic opened: ${text}`;
}

/**
 * As capture-live counted them, each the last time that it could be: as the journal of the run whose stores these are
 * holds it.
 */
export async function rowsAtFreeze(s: Session): Promise<Readonly<Record<string, number>>> {
  const journal = await journalOfObjects(s);
  return Object.assign({}, ...journal.entries().map(({ fact }) => (fact.type === 'rows' ? fact.rows : {})));
}

/**
 * Whether every store that came up holds what it must: a kept one no fewer rows than were counted at the freeze, a
 * restored one no fewer than its capture. A store that could not be counted then is not judged by its rows now.
 */
export async function judgeRows(s: Session): Promise<StepResult> {
  const frozen = await rowsAtFreeze(s);
  const stores = s.plan.targets.flatMap(target =>
    target.kind === 'docker-volume' && target.count !== undefined ? [target] : [],
  );
  return each(
    s,
    stores,
    store => store.id,
    async (store, note) => {
      const { snapshot, change } = s.planned(store.id);
      const captured =
        change === 'restored' && snapshot !== undefined
          ? (await s.deps.snapshots(s.plan).open(snapshot)).manifest.rows[store.id]
          : undefined;
      const least = captured ?? frozen[store.id];
      if (least === undefined || store.count === undefined) return note('rows were not counted before');
      const driver = s.drivers.of('docker-volume');
      const now = await found(driver.countRows, 'count').call(driver, store, store.count, s.look);
      const rows = `${captured === undefined ? 'at the freeze' : `in ${snapshot}`} ${least} rows, now ${now}`;
      return { ...note(rows), verdict: now >= least ? 'passed' : 'failed' };
    },
  );
}
