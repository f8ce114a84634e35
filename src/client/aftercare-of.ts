import { aftercareId } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';

/** What the watch over a completed run says of itself. */
export interface AftercareSeen {
  readonly run: string;
  readonly state: string;
  readonly samples: number;
  readonly worse: readonly string[];
  /** Why what undo kept is still there. */
  readonly kept?: string;
}

const ANSWER_WITHIN_MS = 3_000;

/** @returns undefined when there is none, or no worker to ask */
export async function aftercareOf(at: Reached, platform: string): Promise<AftercareSeen | undefined> {
  try {
    return await at.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      at.client.workflow.getHandle(aftercareId(platform)).query<AftercareSeen>('progress'),
    );
  } catch {
    return undefined;
  }
}
