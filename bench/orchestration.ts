/** What is needed of a history's event, as the client gives it. */
export interface HistoryEvent {
  readonly eventId?: unknown;
  readonly eventTime?: { readonly seconds?: unknown; readonly nanos?: number | null } | null;
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType?: { readonly name?: string | null } | null;
  } | null;
  readonly activityTaskStartedEventAttributes?: { readonly scheduledEventId?: unknown } | null;
  readonly activityTaskCompletedEventAttributes?: { readonly scheduledEventId?: unknown } | null;
}

/** One activity that completed, by the Temporal server's clock: milliseconds since the epoch. */
export interface Activity {
  readonly name: string;
  readonly scheduledAt: number;
  readonly startedAt: number;
  readonly completedAt: number;
}

/** A time on the outage path in which no activity of the run was under way. */
export interface Gap {
  /** The activity that had completed last, and the one that started next. */
  readonly after: string;
  readonly before: string;
  readonly ms: number;
  /** Of it: until the next was scheduled, by the workflow. The rest is its dispatch to the worker. */
  readonly decidingMs: number;
}

const FIRST = 'shutGates';
const LAST = 'openGates';
/** Told beside the run, which never waits for it. */
const ASIDE = new Set(['notify', 'openPlan']);

export function activitiesOf(events: readonly HistoryEvent[]): Activity[] {
  const byId = new Map(events.map(event => [String(event.eventId), event]));
  return events.flatMap(done => {
    const scheduledId = done.activityTaskCompletedEventAttributes?.scheduledEventId;
    if (scheduledId === undefined || scheduledId === null) return [];
    const scheduled = byId.get(String(scheduledId));
    const started = events.find(
      ({ activityTaskStartedEventAttributes: of }) => String(of?.scheduledEventId) === String(scheduledId),
    );
    const name = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name;
    if (scheduled === undefined || started === undefined || !name) return [];
    return [{ name, scheduledAt: timeOf(scheduled), startedAt: timeOf(started), completedAt: timeOf(done) }];
  });
}

/**
 * Every stretch between the shutting of the gates and their opening in which nothing was under way: from a completion
 * on record to the next start on record. Pure. @throws Error when the run did not shut and open its gates
 */
export function gapsOf(activities: readonly Activity[]): Gap[] {
  const own = activities.filter(({ name }) => !ASIDE.has(name)).sort((a, b) => a.startedAt - b.startedAt);
  const from = own.findIndex(({ name }) => name === FIRST);
  const to = own.findLastIndex(({ name }) => name === LAST);
  if (from < 0 || to <= from) throw new Error(`the history has no outage: ${own.map(({ name }) => name).join(', ')}`);
  const gaps: Gap[] = [];
  let last = own[from]!;
  for (const next of own.slice(from + 1, to + 1)) {
    if (next.startedAt > last.completedAt) {
      const decided = Math.min(Math.max(next.scheduledAt, last.completedAt), next.startedAt);
      gaps.push({
        after: last.name,
        before: next.name,
        ms: next.startedAt - last.completedAt,
        decidingMs: decided - last.completedAt,
      });
    }
    if (next.completedAt > last.completedAt) last = next;
  }
  return gaps;
}

const timeOf = ({ eventTime }: HistoryEvent): number =>
  Number(eventTime?.seconds ?? Number.NaN) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
