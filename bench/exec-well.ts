import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type Docker from 'dockerode';

/** Runs a command in a container. @returns what it printed. @throws Error with what it complained of unless it ends with 0 */
export async function execWell(engine: Docker, container: string, command: readonly string[]): Promise<string> {
  const exec = await engine.getContainer(container).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const [out, error] = [new PassThrough(), new PassThrough()];
  engine.modem.demuxStream(stream, out, error);
  stream.on('end', () => {
    out.end();
    error.end();
  });
  const [said, complaint] = await Promise.all([text(out), text(error)]);
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new Error(`${command[0]} in ${container} ended with ${ExitCode}: ${complaint.trim()}`);
  return said.trim();
}
