import type { z } from 'zod';
import { didYouMean, oneOf, wrong } from '../wording.ts';

const WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  string: 'text',
  int: 'a whole number',
  boolean: 'true or false',
  number: 'a number',
};

/** What a schema says when it has no words of its own. */
export const plainWords: z.core.$ZodErrorMap = issue => {
  switch (issue.code) {
    case 'invalid_type':
      return wrong(issue.input, WORDS[issue.expected] ?? `a ${issue.expected}`);
    case 'invalid_value':
      return `${wrong(issue.input, oneOf(issue.values))}${didYouMean(issue.input, issue.values.map(String))}`;
    case 'too_small':
      if (issue.origin === 'array') return `too few, expected at least ${issue.minimum}`;
      return wrong(issue.input, `${WORDS[issue.origin] ?? 'a value'} of at least ${issue.minimum}`);
    case 'too_big':
      if (issue.origin === 'array') return `too many, expected at most ${issue.maximum}`;
      return wrong(issue.input, `${WORDS[issue.origin] ?? 'a value'} of at most ${issue.maximum}`);
    case 'invalid_key':
      return issue.issues[0]?.message;
    default:
      return undefined;
  }
};
