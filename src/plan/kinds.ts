import type { Kind } from './plan.ts';

export type Capability = 'observe' | 'stage' | 'swap' | 'stop' | 'snapshot' | 'probe';

/** What each kind of target can do. A plan that asks for more is refused; the contract suite proves that it is true. */
export const CAPABILITIES: Readonly<Record<Kind, readonly Capability[]>> = {
  docker: ['observe', 'stage', 'swap', 'stop', 'probe'],
  'docker-volume': ['observe', 'stage', 'swap', 'snapshot'],
  files: ['observe', 'stage', 'swap'],
};

export const can = (kind: Kind, capability: Capability): boolean => CAPABILITIES[kind].includes(capability);
