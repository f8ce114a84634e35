import { DriverError } from '../drivers/errors.ts';
import { formatDuration } from '../plan/duration.ts';
import type { Channel, Message } from './channel.ts';
import { signingKey, signWebhook } from './webhook-signature.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks writes secrets. Asked for at each message. */
  secret(): Promise<string>;
  readonly now: () => Date;
  /** Milliseconds until the far side must have answered. */
  readonly deadline: number;
}

/**
 * Posts each message as JSON, signed by Standard Webhooks 1.0. The address may be a secret: errors name its host alone.
 * @throws DriverError refused when the address is none that it may post to
 */
export function createWebhookChannel({ name, url, secret, now, deadline }: WebhookOptions): Channel {
  const address = parseAddress(name, url);
  const where = `channel ${name} (${address.host})`;
  return {
    name,
    async send(message, signal) {
      const key = signingKey(where, await secret());
      const at = now();
      const body = JSON.stringify(payloadOf(message, at));
      const late = AbortSignal.timeout(deadline);
      let status: number;
      try {
        const answer = await fetch(address, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'lastgood',
            ...signWebhook(key, message.id, at, body),
          },
          body,
          redirect: 'manual',
          signal: AbortSignal.any([signal, late]),
        });
        status = answer.status;
        // What it says is not ours to keep; left unread it would hold the connection.
        await answer.body?.cancel().catch(() => {});
      } catch (error) {
        const waited = late.aborted ? `no answer within ${formatDuration(deadline)}` : `no answer (${causeOf(error)})`;
        throw new DriverError('unavailable', `${where}: ${signal.aborted ? 'cancelled' : waited}`);
      }
      judgeStatus(where, status);
    },
  };
}

/** The body, in Standard Webhooks' form. */
export function payloadOf(message: Message, at: Date) {
  return { type: 'lastgood.message', timestamp: at.toISOString(), data: message };
}

/** @throws DriverError unavailable when a later try may be taken, refused when none will */
function judgeStatus(where: string, status: number): void {
  if (status >= 200 && status < 300) return;
  const again = status >= 500 || status === 408 || status === 429;
  const found = status >= 300 && status < 400 ? `${status}, and redirects are not followed` : String(status);
  throw new DriverError(again ? 'unavailable' : 'refused', `${where}: a status of 200 to 299 expected, ${found} found`);
}

function parseAddress(name: string, url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  const refuse = (why: string): never => {
    throw new DriverError('refused', `channel ${name}: ${why}`, { next: 'mend the channel’s url in the plan' });
  };
  if (address === undefined) return refuse('its url cannot be read');
  if (address.protocol !== 'https:' && address.protocol !== 'http:') return refuse('its url must be http or https');
  if (address.username !== '' || address.password !== '') return refuse('its url must not hold a user or a password');
  return address;
}

/** fetch says only that it failed; what failed is its cause. */
function causeOf(error: unknown): string {
  const cause = (error as { cause?: { code?: unknown } }).cause?.code;
  return typeof cause === 'string' ? cause : 'the connection failed';
}
