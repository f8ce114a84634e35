import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { DriverError } from '../drivers/errors.ts';

const PREFIX = 'whsec_';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** @throws DriverError refused, without the secret, when it is not base64 of 24 to 64 bytes */
export function signingKey(where: string, secret: string): KeyObject {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  const bytes = Buffer.from(text, 'base64');
  if (!BASE64.test(text) || bytes.length < 24 || bytes.length > 64) {
    throw new DriverError('refused', `${where}: its secret must be ${PREFIX} and base64 of 24 to 64 bytes`, {
      next: `make one: echo "${PREFIX}$(openssl rand -base64 32)"`,
    });
  }
  return createSecretKey(bytes);
}

/** The three headers of Standard Webhooks 1.0: HMAC-SHA256 over id, seconds since the epoch and body. */
export function signWebhook(key: KeyObject, id: string, at: Date, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
