import { setTimeout as delay } from 'node:timers/promises';
import { SEARCH_ATTRIBUTES } from '../workflows/messages.ts';
import type { Reached } from './connection.ts';
import { Refusal } from './refusal.ts';
import { asRefusal, codeOf } from './service-error.ts';

export interface Done {
  readonly what: string;
  readonly how: 'made' | 'found';
}

const RETENTION_DAYS = 30;
/** The protocol's numbers for the types of search attributes. */
const TYPES = { KEYWORD: 2, BOOL: 5 } as const;
/** A server takes a while until every part of it knows a new namespace. */
const KNOWN_WITHIN_MS = 30_000;

/** Makes the namespace and the search attributes where they are missing. Safe to repeat. @throws Refusal */
export async function setUpServer(at: Reached): Promise<Done[]> {
  return [await ensureNamespace(at), ...(await ensureAttributes(at))];
}

async function ensureNamespace({ connection, namespace }: Reached): Promise<Done> {
  const what = `namespace ${namespace}`;
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return { what, how: 'found' };
  } catch (error) {
    if (codeOf(error) !== 'NOT_FOUND') throw asRefusal(error, `looking for the ${what}`);
  }
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: (RETENTION_DAYS * 86_400) as never },
    });
  } catch (error) {
    if (codeOf(error) !== 'ALREADY_EXISTS') throw asRefusal(error, `making the ${what}`);
  }
  return { what: `${what}, which keeps closed runs for ${RETENTION_DAYS} days`, how: 'made' };
}

async function ensureAttributes(at: Reached): Promise<Done[]> {
  const there = await untilKnown(() => customAttributes(at));
  const wanted = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => ({ name, type, number: TYPES[type] }));
  for (const { name, type, number } of wanted) {
    const found = there[name];
    if (found === undefined || found === number) continue;
    throw new Refusal('refused', `search attribute ${name}: type ${type} expected, type number ${found} found`, {
      next: [`use another namespace, or remove it: temporal operator search-attribute remove --name ${name}`],
    });
  }
  const missing = wanted.filter(({ name }) => there[name] === undefined);
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(({ name, number }) => [name, number]));
    try {
      await at.connection.operatorService.addSearchAttributes({ namespace: at.namespace, searchAttributes });
    } catch (error) {
      throw asRefusal(error, 'adding the search attributes');
    }
    await untilKnown(async () => {
      const now = await customAttributes(at);
      return missing.every(({ name }) => now[name] !== undefined) ? now : undefined;
    });
  }
  return wanted.map(({ name, type }) => ({
    what: `search attribute ${name} (${type.toLowerCase()})`,
    how: missing.some(one => one.name === name) ? 'made' : 'found',
  }));
}

async function customAttributes(at: Reached): Promise<Readonly<Record<string, number>>> {
  try {
    const { customAttributes } = await at.connection.operatorService.listSearchAttributes({ namespace: at.namespace });
    return (customAttributes ?? {}) as Record<string, number>;
  } catch (error) {
    throw asRefusal(error, 'listing the search attributes');
  }
}

/** Asks until there is an answer. @throws the last failure, or Refusal unreachable, after 30 s */
async function untilKnown<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const until = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    if (Date.now() > until)
      throw new Refusal('unreachable', 'the server does not know what was made after 30 s', {
        changed: 'unknown',
        next: ['lastgood setup'],
      });
    await delay(500);
  }
}
