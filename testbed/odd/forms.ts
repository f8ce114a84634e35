import type { Form } from './form.ts';
import { LIMITS } from './forms/limits.ts';
import { NETWORKS } from './forms/networks.ts';
import { PORTS } from './forms/ports.ts';
import { RIGHTS } from './forms/rights.ts';
import { RUNNING } from './forms/running.ts';
import { STORAGE } from './forms/storage.ts';

/** Every form of a setting that a container made again could lose, and how it is seen that it did not. */
export const FORMS: readonly Form[] = [...NETWORKS, ...PORTS, ...STORAGE, ...RIGHTS, ...LIMITS, ...RUNNING];
