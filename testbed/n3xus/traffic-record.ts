/** What a user saw of one request. */
export interface Answer {
  /** When it was asked, ms since the epoch. */
  readonly at: number;
  readonly tookMs: number;
  readonly path: string;
  /** 0 when there was no answer; then `error` says why. */
  readonly status: number;
  /** `ECONNREFUSED` while the ingress is shut. */
  readonly error?: string;
  /** `ledger-mgr@v1`: everyone who took part, the ingress and its configuration among them. */
  readonly servedBy: readonly string[];
}

/** What a client asks for. Cents. */
export interface Charge {
  readonly id: string;
  readonly wallet: string;
  readonly amount: number;
}

/** A charge that the platform said it has. */
export interface Acknowledged extends Charge {
  readonly fee: number;
  /** Of the ledger that booked it. */
  readonly version: string;
  /** When it was asked and when the answer had come, ms since the epoch. */
  readonly askedAt: number;
  readonly at: number;
}

export interface TrafficRecord {
  readonly answers: Answer[];
  /** Every charge ever asked for, by id. */
  readonly attempted: Map<string, Charge>;
  /** When each charge was asked for by the first try that may have come to a store; the others found the ingress shut. */
  readonly reached: Map<string, number>;
  /** By id; a repeated charge is acknowledged once, by its first answer. */
  readonly acknowledged: Map<string, Acknowledged>;
  acknowledge(charge: Charge, answer: Answer, body: unknown): void;
  /** Answers that more than one version took part in. There must never be any. */
  mixedAnswers(): Answer[];
  /** The stretches of one version after another, oldest first; answers that nobody signed are left out. */
  versionsOverTime(): VersionStretch[];
  /** Share of answers of 500 and above, 401 and none, of those asked since `since`, 0 to 1; NaN when there were none. */
  errorRate(since?: number, path?: string): number;
}

export interface VersionStretch {
  readonly version: string;
  readonly from: number;
  readonly to: number;
  readonly answers: number;
}

export function createTrafficRecord(): TrafficRecord {
  const answers: Answer[] = [];
  const acknowledged = new Map<string, Acknowledged>();
  return {
    answers,
    attempted: new Map(),
    reached: new Map(),
    acknowledged,
    acknowledge(charge, { at: askedAt, tookMs }, body) {
      if (acknowledged.has(charge.id)) return;
      const { fee, version } = body as { fee: number; version: string };
      acknowledged.set(charge.id, { ...charge, fee, version, askedAt, at: askedAt + tookMs });
    },
    mixedAnswers: () => answers.filter(answer => versionsOf(answer).size > 1),
    versionsOverTime() {
      const stretches: VersionStretch[] = [];
      for (const answer of answers.toSorted((a, b) => a.at - b.at)) {
        const version = [...versionsOf(answer)].join('+');
        if (version === '') continue;
        const last = stretches.at(-1);
        if (last?.version === version)
          stretches[stretches.length - 1] = { ...last, to: answer.at, answers: last.answers + 1 };
        else stretches.push({ version, from: answer.at, to: answer.at, answers: 1 });
      }
      return stretches;
    },
    errorRate(since = 0, path) {
      const counted = answers.filter(answer => answer.at >= since && (path === undefined || answer.path === path));
      const wrong = counted.filter(({ status }) => status === 0 || status === 401 || status >= 500);
      return wrong.length / counted.length;
    },
  };
}

/** `v1`, and `v2` beside it when an answer was mixed. */
export const versionsOf = ({ servedBy }: Pick<Answer, 'servedBy'>): ReadonlySet<string> =>
  new Set(servedBy.map(part => part.slice(part.lastIndexOf('@') + 1)));
