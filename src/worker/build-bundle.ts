import { writeFile } from 'node:fs/promises';
import { bundle, PREBUILT } from './bundle.ts';

// Run once by `npm run build`, so that a worker starts without bundling.
await writeFile(PREBUILT, await bundle());
