import type { DriverError } from '../errors.ts';
import { saidOf } from './failures.ts';

/** What it means that a registry did not give an image. `unknown`: another try may do. */
export type Meaning = 'other-bytes' | 'gone' | 'denied' | 'unknown';

/**
 * Engines hand a registry's answer on as text, under statuses of their own.
 * @param reference the image that was asked for, by its digest
 */
export function meaningOf(reference: string, failure: DriverError): Meaning {
  const said = withoutNames(saidOf(failure), reference);
  if (/verification failed|digest did not match|does not match/i.test(said)) return 'other-bytes';
  if (failure.kind === 'missing' || /manifest unknown|not found|name unknown|name_unknown/i.test(said)) return 'gone';
  return /unauthorized|denied|authentication/i.test(said) ? 'denied' : 'unknown';
}

/** Names may be of any words: an image `shop/authentication-service`, a registry `denied.example`. */
function withoutNames(said: string, reference: string): string {
  const [host = '', ...path] = (reference.split('@')[0] ?? '').split('/');
  const names = [path.join('/'), host.replace(/:\d+$/, '')].filter(name => name !== '');
  return names.reduce((left, name) => left.replaceAll(wholeWord(name), ''), said.replaceAll(/https?:\/\/\S+/g, ''));
}

const wholeWord = (name: string): RegExp =>
  new RegExp(`(?<![\\w.-])${name.replaceAll(/[.[\]]/g, '\\$&')}(?![\\w.-])`, 'g');
