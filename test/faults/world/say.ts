/** A figure of a test, for whoever reads its output. */
export const say = (line: string): void => void process.stderr.write(`# ${line}\n`);
