import type { Logger } from 'pino';
import type { Channel } from './channel.ts';

/** Says messages in the worker's own log: pages as errors, the rest as information. */
export function createLogChannel({ name, log }: { name: string; log: Pick<Logger, 'info' | 'error'> }): Channel {
  return {
    name,
    async send({ id, title, text, platform, run, urgency }) {
      const fields = { channel: name, message: id, platform, run, urgency, text };
      if (urgency === 'page') log.error(fields, title);
      else log.info(fields, title);
    },
  };
}
