import type { Platform } from '../../testbed/n3xus/platform.ts';

/** What the floor's process is told, as JSON in a file. Paths are absolute. */
export interface FloorOrder {
  readonly socket: string;
  readonly plan: string;
  readonly platform: Platform;
  /** The ingress's configuration in the release. */
  readonly conf: string;
  /** Where the capture goes; made when missing. Its last part names the run. */
  readonly backup: string;
}

/** Behind a name: what is staged, and what was replaced. */
export const NEXT = '.floor-next';
export const OUTGOING = '.floor-outgoing';
