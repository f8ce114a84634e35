// The wording of every message, by the moment that it tells of. Pure: there is no clock here and nothing of Node.
export * from './asking.ts';
export * from './ending.ts';
export * from './failing.ts';
export type { About, Failed, Outlook, Wording } from './parts.ts';
export { wordingOf } from './wording-of.ts';
