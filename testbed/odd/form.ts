import type Docker from 'dockerode';
import type { OddName } from './requests.ts';
import type { Seen } from './seen.ts';

/** As the engine is asked for it; its networks beyond the first are joined one by one. */
export interface OddRequest {
  readonly name: OddName;
  readonly body: Body;
  readonly joins: Record<string, Docker.EndpointSettings>;
}
/** Of a create request, as plain JSON: the library's own type lags behind what engines take. */
export type Body = Omit<Docker.ContainerCreateOptions, 'HostConfig' | 'name'> & {
  HostConfig: Record<string, unknown>;
  readonly [field: string]: unknown;
};

/** One form of one setting: that it is there is seen on a real container, or in it, and never read from the request. */
export interface Form {
  readonly form: string;
  readonly on: OddName;
  readonly want: unknown;
  see(at: Seen): unknown;
  /** The request of somebody who forgets it. Nothing happens where it is lost already. */
  lose(request: OddRequest): void;
  /** v2 has it too: it could not run without. */
  readonly stays?: true;
}

/** Without fields of the host configuration. */
export const lessHost =
  (...fields: readonly string[]): Form['lose'] =>
  ({ body }) => {
    for (const field of fields) delete body.HostConfig[field];
  };
/** Without fields of the container's own. */
export const less =
  (...fields: readonly string[]): Form['lose'] =>
  ({ body }) => {
    for (const field of fields) delete (body as Record<string, unknown>)[field];
  };
/** With another value in the host configuration. */
export const withHost =
  (field: string, value: unknown): Form['lose'] =>
  ({ body }) => {
    body.HostConfig[field] = value;
  };
/** Without the items of a list of the host configuration that are told by their text. */
export const lessItems =
  (field: string, text: string): Form['lose'] =>
  ({ body }) => {
    const list = (body.HostConfig[field] ?? []) as unknown[];
    body.HostConfig[field] = list.filter(item => !JSON.stringify(item).includes(text));
  };
