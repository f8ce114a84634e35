import { admit } from './admit.ts';
import type { CareActivities } from './contract.ts';
import type { Deps } from './deps.ts';

/** Looks, computes and answers; claims nothing, writes nothing. */
export const survey =
  (deps: Deps): CareActivities['survey'] =>
  async (request, host, until) => {
    switch (request.what) {
      case 'plan': {
        const order = { request: request.request, host, turn: 0, until, survey: true };
        return { what: 'plan', admission: await admit(deps)(order) };
      }
      case 'releases':
        return { what: 'releases', releases: await deps.ledger.list(request.platform) };
      case 'release':
        return { what: 'release', release: (await deps.ledger.find(request.platform, request.id)) ?? null };
    }
  };
