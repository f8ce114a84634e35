import { defineSearchAttributeKey } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { minutes, seconds } from '../plan/duration.ts';
import type { HostName, RunId } from '../plan/ids.ts';
import type { Budget, EscalationLevel } from '../plan/plan.ts';
import type { RollbackRequest } from '../plan/rollback-request.ts';
import type { RunOutline } from '../plan/run-plan.ts';
import type { Vote } from '../policy/approval.ts';
import type { HearingFacts } from '../policy/hearing.ts';
import type { NumberedEvent, RunEvent } from '../run/events.ts';
import { notStarted, type RunProgress, reduce } from '../run/progress.ts';
import { renderDetails } from '../run/render-details.ts';
import { type Direction, PHASE_OF, type StepName, type StepResult, stoppedBy } from '../run/step.ts';
import type { Decide, Said } from './messages.ts';

/** Before the plan is read there is no budget of its own. */
const ADMIT_BUDGET: Budget = { target: seconds(30), max: minutes(2) };

/** One row of the runbook: what it is called, what it does, what takes it back. */
export type Row = readonly [step: StepName, act: Act, undo?: Act];
export type Act = (run: Run) => Promise<StepResult>;
export interface Undo {
  readonly step: StepName;
  readonly takeBack: Act;
}

/**
 * One run's state inside its workflow: what it was told, what it has to undo, and its progress.
 * All facts enter by `note`, so progress, journal and details never disagree.
 */
export class Run {
  readonly request: RollbackRequest;
  progress: RunProgress = notStarted;
  outline: RunOutline | undefined;
  /** Known once the plan was read. */
  host: HostName | undefined;
  /** How long its host's worker may be silent; the worker says it with the plan. */
  heartbeat: number | undefined;
  /** Who hears of a run that was not admitted. */
  people: readonly EscalationLevel[] = [];
  /** A take-over: the run whose work it ends. */
  objectsOf: RunId | undefined;

  /** Last in, first out; an entry leaves when it has passed. */
  readonly undos: Undo[] = [];
  readonly votes: Vote[] = [];
  askedAt = 0;
  paused: Said | undefined;
  aborted: Said | undefined;
  decision: Decide | undefined;
  /** Messages that were kept and changed nothing. */
  idleHeard = 0;
  acknowledged = false;
  undoing = false;
  private held = false;
  /** How often people were asked so far. */
  private holds = 0;
  /** The watch over an earlier run was told to hand over. */
  tookTheWatch = false;

  /** Milliseconds in the steps that are over, and since when one is under way; how many limits of the total were told. */
  spentInSteps = 0;
  actingSince: number | undefined;
  totalsPassed = 0;

  /** When the last look that steps rest on was over, by its host's clock. */
  seenAt: string | undefined;
  /** A gate was up that was to stay shut: users may have written since the rows were counted. */
  letIn = false;

  /** Of the step under way: past it an activity stops trying. Milliseconds since the epoch. */
  deadline = 0;
  private round = 1;
  private turn = 0;
  private unsent: NumberedEvent[] = [];
  private readonly indexed = new Map<Keyword, string | undefined>();
  /** What is being told to people meanwhile; the run never waits on it but at its end. */
  readonly tellings = new Set<Promise<void>>();

  constructor(request: RollbackRequest) {
    this.request = request;
    this.note({ type: 'started', request, run: workflowInfo().runId });
  }

  /** Takes in what happened: progress, the details of the Web UI, and the journal's next entries. */
  note(event: RunEvent): void {
    const numbered: NumberedEvent = { number: this.progress.events + 1, at: new Date().toISOString(), event };
    this.progress = reduce(this.progress, numbered);
    this.unsent.push(numbered);
    setCurrentDetails(renderDetails(this.progress));
  }

  admitAs(outline: RunOutline, by?: RunId): void {
    this.outline = outline;
    this.askedAt = Date.now();
    this.note({ type: 'admitted', outline, ...(by === undefined ? {} : { by }) });
  }

  /** The events that no engine's journal is known to hold; they go with every order until one comes back. */
  records(): readonly NumberedEvent[] {
    // A copy: what is heard while an order is under way was not sent with it.
    return [...this.unsent];
  }
  recorded(sent: readonly NumberedEvent[]): void {
    const last = sent.at(-1)?.number ?? 0;
    this.unsent = this.unsent.filter(event => event.number > last);
  }

  /** A question is put to people. @returns its number */
  ask(): number {
    this.held = true;
    this.decision = undefined;
    this.acknowledged = false;
    this.holds += 1;
    return this.holds;
  }
  /** Whether that very question still waits for its answer. */
  asks(question: number): boolean {
    return this.held && this.holds === question;
  }
  answered(): void {
    this.held = false;
  }

  get currentRound(): number {
    return this.round;
  }
  /** Nothing that was journalled before counts as done for the new round until it has been looked at again. */
  beginRound(): void {
    this.round += 1;
  }
  nextTurn(): number {
    this.turn += 1;
    return this.turn;
  }

  /** The freeze has begun: the live platform is no longer untouched. */
  get touched(): boolean {
    return this.progress.frozenAt !== undefined;
  }
  /** Past the line: traffic was told to open to the release. */
  get hasOpened(): boolean {
    return this.progress.lineAt !== undefined;
  }
  get abortDue(): boolean {
    return this.aborted !== undefined && !this.hasOpened && !this.undoing;
  }

  facts(): HearingFacts {
    return {
      ...(this.outline === undefined ? {} : { hash: this.outline.hash }),
      touched: this.touched,
      hasOpened: this.hasOpened,
      undoing: this.undoing,
      // One question, one answer: whoever comes second is told so.
      held: this.held && this.decision === undefined,
      paused: this.paused !== undefined,
      closed: this.progress.state === 'closed',
      aborted: this.aborted !== undefined,
    };
  }

  /** @returns undefined for a step whose clock is not a budget: people are waited for by their own. */
  budgetOf(step: StepName, direction: Direction): Budget | undefined {
    const phase = PHASE_OF[step];
    if (direction === 'undo') return this.outline?.budgets.undo ?? ADMIT_BUDGET;
    if (phase === 'confirm') return undefined;
    return this.outline?.budgets[phase] ?? ADMIT_BUDGET;
  }

  /** Why the run must not go on, before anything else is done. */
  get stopped(): StepResult | undefined {
    if (this.abortDue) return stoppedBy('aborted', `aborted by ${this.aborted?.by}: ${this.aborted?.reason}`);
    const denial = this.touched ? undefined : this.votes.find(vote => vote.kind === 'deny');
    return denial === undefined ? undefined : stoppedBy('denied', `denied by ${denial.by}`);
  }

  /** Resolves once nobody holds the run back, or it was aborted or denied. Whoever is asked for an approval gets that time back. */
  async whilePaused(): Promise<void> {
    if (this.paused === undefined) return;
    const since = Date.now();
    await condition(() => this.paused === undefined || this.stopped !== undefined);
    this.askedAt += Date.now() - since;
  }

  /** Makes the run findable by what it is and where it stands, however it was started. Says nothing twice. */
  index(): void {
    const { outline, outcome, state, direction, phase } = this.progress;
    const { platform, mode, severity } = this.request;
    const values = new Map<Keyword, string | undefined>([
      [LG_PLATFORM, platform],
      [LG_MODE, mode],
      [LG_SEVERITY, severity],
      [LG_PHASE, state === 'held' ? 'held' : direction === 'undo' ? 'undo' : phase],
      [LG_RELEASE, outline?.release],
      [LG_RUN_HASH, outline?.hash],
      [LG_OUTCOME, outcome],
    ]);
    const news = [...values].filter(([key, value]) => typeof value === 'string' && this.indexed.get(key) !== value);
    if (news.length === 0) return;
    for (const [key, value] of news) this.indexed.set(key, value);
    upsertSearchAttributes(news.map(([key, value]) => ({ key, value: value as string })));
  }

  /** Says something to people without waiting for it. */
  aside(telling: () => Promise<void>): void {
    const told = CancellationScope.nonCancellable(telling).catch(() => undefined);
    const tracked: Promise<void> = told.then(() => {
      this.tellings.delete(tracked);
    });
    this.tellings.add(tracked);
  }
}

type Keyword = typeof LG_PLATFORM;
const LG_PLATFORM = defineSearchAttributeKey('LastgoodPlatform', 'KEYWORD');
const LG_MODE = defineSearchAttributeKey('LastgoodMode', 'KEYWORD');
const LG_SEVERITY = defineSearchAttributeKey('LastgoodSeverity', 'KEYWORD');
const LG_PHASE = defineSearchAttributeKey('LastgoodPhase', 'KEYWORD');
const LG_RELEASE = defineSearchAttributeKey('LastgoodRelease', 'KEYWORD');
const LG_RUN_HASH = defineSearchAttributeKey('LastgoodRunHash', 'KEYWORD');
const LG_OUTCOME = defineSearchAttributeKey('LastgoodOutcome', 'KEYWORD');
