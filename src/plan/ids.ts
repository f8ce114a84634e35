declare const brand: unique symbol;
/** A string that only its own parser makes. At run time it is the plain string. */
export type Branded<Name extends string> = string & { readonly [brand]: Name };

export type PlatformName = Branded<'PlatformName'>;
export type HostName = Branded<'HostName'>;
export type TierName = Branded<'TierName'>;
export type TargetId = Branded<'TargetId'>;
export type GateName = Branded<'GateName'>;
export type ReleaseId = Branded<'ReleaseId'>;
export type SnapshotId = Branded<'SnapshotId'>;
/** One rollback: the Temporal run id that its activities were sent with. */
export type RunId = Branded<'RunId'>;
/** SHA-256 (hex) of the canonical RunPlan: what people approve, and the only thing that runs. */
export type RunHash = Branded<'RunHash'>;
/** SHA-256 (hex) of the plan file's bytes. */
export type PlanDigest = Branded<'PlanDigest'>;
/** What an engine says it is. Two engines never share one. */
export type EngineId = Branded<'EngineId'>;

const NAME = /^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$/;

/** @throws Error when `text` is not 1 to 63 of a-z 0-9 . _ - with a letter or digit at both ends. */
export function parseName<Id extends Branded<string>>(what: string, text: string): Id {
  if (!NAME.test(text)) {
    throw new Error(
      `${what} ${JSON.stringify(text)}: expected 1 to 63 of a-z 0-9 . _ -, a letter or digit at both ends`,
    );
  }
  return text as Id;
}

export const isName = (text: string): boolean => NAME.test(text);

/** The tail of a run id that names its staged and outgoing objects: the head of a time-ordered uuid is the clock's. */
export const shortRun = (run: RunId): string => run.replaceAll('-', '').slice(-10);

export const stagedName = (name: string, run: RunId): string => `${name}.lg-${shortRun(run)}`;
export const outgoingName = (name: string, run: RunId): string => `${name}.lg-prev-${shortRun(run)}`;
/** The release that a run records of what it found, so that the way back is a run like any other. */
export const beforeRelease = (run: RunId): ReleaseId => `before:${shortRun(run)}` as ReleaseId;
