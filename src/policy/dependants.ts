import type { TargetId, TierName } from '../plan/ids.ts';
import type { Plan } from '../plan/plan.ts';
import type { PlannedTarget, TargetState } from '../plan/run-plan.ts';
import { useInWords } from '../plan/use.ts';

/** Target -> the targets that it holds on to. One that holds on to none is not in it. */
export type Graph = ReadonlyMap<TargetId, readonly TargetId[]>;

type Listed = Pick<Plan, 'targets' | 'tiers'>;
type State = Pick<TargetState, 'target' | 'uses'>;

/** Pure: who holds on to whom among the plan's targets, by what was seen of each. What is no target is left out. */
export function graphOf(plan: Listed, states: readonly State[]): Graph {
  const targets = idsByContainer(plan);
  const edges = states.map(({ target, uses = [] }) => {
    const ids = uses.flatMap(({ container }) => targets.get(container) ?? []).filter(id => id !== target);
    return [target, [...new Set(ids)]] as const;
  });
  return new Map(edges.filter(([, ids]) => ids.length > 0));
}

/** Pure: the same, seen from those that are held on to. */
export function turned(graph: Graph): Graph {
  const held = new Map<TargetId, TargetId[]>();
  for (const [holder, ids] of graph) for (const id of ids) held.set(id, [...(held.get(id) ?? []), holder]);
  return held;
}

/**
 * Pure: an unchanged target whose provider is made again is made again after it: its namespace dies with that
 * container, and its volumes-from and links name an id that is gone.
 * @param states of the release
 */
export function withDependants(
  plan: Listed,
  planned: readonly PlannedTarget[],
  states: readonly State[],
): PlannedTarget[] {
  const targets = idsByContainer(plan);
  const made = new Set(planned.filter(({ change }) => change === 'changed').map(({ target }) => target));
  const because = new Map<TargetId, string>();
  for (let found = true; found; ) {
    found = false;
    for (const { target, uses = [] } of states) {
      if (made.has(target)) continue;
      const use = uses.find(({ container }) => made.has(targets.get(container) as TargetId));
      if (use === undefined) continue;
      made.add(target);
      because.set(target, `${useInWords(use)}, which is made again`);
      found = true;
    }
  }
  return planned.map(one => {
    const why = because.get(one.target);
    return why === undefined || one.change !== 'unchanged' ? one : { ...one, change: 'changed', because: why };
  });
}

/** Pure: why targets cannot be started in the plan's order, each with what to do; empty when they can. */
export function orderFaults(plan: Listed, graph: Graph): string[] {
  const containers = new Map(plan.targets.map(target => [target.id, target]));
  // A gate has no tier: it is started last of all.
  const rank = (id: TargetId): number => {
    const tier: TierName | undefined = containers.get(id)?.tier;
    return tier === undefined ? plan.tiers.length : plan.tiers.indexOf(tier);
  };
  const tooEarly = [...graph].flatMap(([holder, ids]) =>
    ids
      .filter(id => rank(id) > rank(holder))
      .map(id => `${holder} holds on to ${id}, which starts after it: put ${holder} in the tier of ${id} or above`),
  );
  const loop = findLoop(graph);
  return loop === undefined ? tooEarly : [...tooEarly, `${loop.join(' holds on to ')}: none of them can be made first`];
}

/**
 * Pure: containers that run in a namespace whose lender is gone: once stopped they could not be started again, so that
 * there would be no way back. Those that the plan accepts by name are left out.
 */
export function strandedFaults(
  plan: Listed & Pick<Plan, 'accept'>,
  states: readonly Pick<TargetState, 'target' | 'uses' | 'activity'>[],
): string[] {
  const names = new Map([...idsByContainer(plan)].map(([container, id]) => [id, container]));
  return states.flatMap(({ target, uses = [], activity }) => {
    const name = names.get(target) ?? target;
    const gone = uses.find(use => use.how !== 'volumes' && use.how !== 'link' && isId(use.container));
    if (gone === undefined || activity === 'exited' || plan.accept.containers.includes(name)) return [];
    const { container, how } = gone;
    return [
      `container ${name} ${useInWords({ container: container.slice(0, 12), how })}, which is gone: once stopped it could not be started again. Make ${name} again first (docker-compose up --force-recreate, for one), or accept it by name in the plan`,
    ];
  });
}

/** A lender that nobody can name any more. */
const isId = (container: string): boolean => /^[0-9a-f]{64}$/.test(container);

function findLoop(graph: Graph): readonly TargetId[] | undefined {
  const over = new Set<TargetId>();
  const follow = (id: TargetId, path: readonly TargetId[]): readonly TargetId[] | undefined => {
    if (path.includes(id)) return [...path.slice(path.indexOf(id)), id];
    if (over.has(id)) return undefined;
    for (const next of graph.get(id) ?? []) {
      const loop = follow(next, [...path, id]);
      if (loop !== undefined) return loop;
    }
    over.add(id);
    return undefined;
  };
  for (const id of graph.keys()) {
    const loop = follow(id, []);
    if (loop !== undefined) return loop;
  }
  return undefined;
}

const idsByContainer = ({ targets }: Listed): ReadonlyMap<string, TargetId> =>
  new Map(targets.flatMap(target => (target.kind === 'docker' ? [[target.container, target.id] as const] : [])));
