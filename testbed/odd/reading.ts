import type Docker from 'dockerode';
import type { Form } from './form.ts';
import { FORMS } from './forms.ts';
import { lookInto } from './seen.ts';

/** Form -> what was seen of it. */
export type Readings = ReadonlyMap<string, unknown>;

/** Looks at every form on the real containers. What cannot be looked at is read as the error's message. */
export async function readForms(engine: Docker, forms: readonly Form[] = FORMS): Promise<Readings> {
  const readings = new Map<string, unknown>();
  for (const form of forms) readings.set(nameOf(form), await readForm(engine, form));
  return readings;
}

export async function readForm(engine: Docker, { on, see }: Form): Promise<unknown> {
  try {
    return await see(await lookInto(engine, on));
  } catch (error) {
    return `cannot be seen: ${(error as Error).message}`;
  }
}

export const nameOf = ({ form, on }: Form): string => `${on}: ${form}`;
