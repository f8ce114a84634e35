import { connect } from 'node:net';
import { attempt, causeOf, failed, passed } from '../attempt.ts';
import type { Evidence, Look } from '../contract.ts';

/** One try to connect. A refusal is an answer, and the wrong one; silence is inconclusive. `within` in milliseconds. */
export function probeTcp(host: string, port: number, within: number, look: Look): Promise<Evidence> {
  const { signal, noAnswer } = attempt(look, within);
  return new Promise(resolve => {
    const socket = connect({ host, port, signal });
    const end = (evidence: Evidence): void => {
      socket.destroy();
      resolve(evidence);
    };
    socket.on('connect', () => {
      // Two ends of one socket meet when the port asked for was also the one given to us: nobody listens there.
      const itself = socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;
      end(itself ? failed('a listener expected, none found') : passed('connected'));
    });
    socket.on('error', error => {
      const refused = causeOf(error) === 'ECONNREFUSED';
      end(refused ? failed('a connection expected, refused') : noAnswer(`no connection (${causeOf(error)})`));
    });
  });
}
