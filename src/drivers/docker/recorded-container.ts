import type { Recorded } from '../contract.ts';
import { DriverError } from '../errors.ts';
import type { CreateRequest } from './request.ts';

/** What a release holds of a container. Secret: environments do hold passwords. */
export interface RecordedContainer {
  readonly version: 1;
  readonly image: RecordedImage;
  readonly request: CreateRequest;
  /** What docker-compose made it from; absent where it did not. */
  readonly compose?: readonly ComposeFile[];
}

/** A file of the engine's host, as it was when the container was recorded. */
export interface ComposeFile {
  readonly path: string;
  /** SHA-256, hex; empty for one that was not there. */
  readonly digest: string;
}

export interface RecordedImage {
  /** `sha256:…`: what runs. */
  readonly id: string;
  /** As it was asked for: `registry/app:1.4`. */
  readonly name: string;
  /** `registry/app@sha256:…`: where it may be had again. Empty for an image that was never in a registry. */
  readonly digests: readonly string[];
}

/** @throws DriverError corrupt when the body is not one that this driver wrote */
export function readRecordedContainer(recorded: Recorded): RecordedContainer {
  const body = recorded.body as Partial<RecordedContainer> | null;
  const isWhole =
    typeof body === 'object' &&
    body?.version === 1 &&
    typeof body.image?.id === 'string' &&
    Array.isArray(body.image.digests) &&
    typeof body.request?.config === 'object' &&
    typeof body.request.hostConfig === 'object' &&
    typeof body.request.networks === 'object' &&
    Array.isArray(body.request.anonymous);
  if (!isWhole || body.image?.id !== recorded.state.version)
    throw new DriverError(
      'corrupt',
      `release record of ${recorded.state.target}: not a container as this version records it`,
      {
        next: 'Record the release again from containers that run it.',
      },
    );
  return body as RecordedContainer;
}
