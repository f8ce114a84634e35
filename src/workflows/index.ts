/** The bundle's only entry: every export is a workflow type, and its name is wire format. */
export { aftercare } from './aftercare.ts';
export { record } from './record.ts';
export { rollback } from './rollback.ts';
export { survey } from './survey.ts';
