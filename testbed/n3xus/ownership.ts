import type Docker from 'dockerode';

/** On everything that the platform is made of, and on nothing else: what lacks it is never touched. */
export const OURS = { 'lastgood.testbed': 'n3xus' } as const;
const [[name, value]] = Object.entries(OURS) as [[string, string]];
const LABEL = `${name}=${value}`;

/** Every container of the testbed, running or not, whatever it is called by now. */
export const findOurs = (engine: Docker): Promise<Docker.ContainerInfo[]> =>
  engine.listContainers({ all: true, filters: { label: [LABEL] } });

export const isOurs = (object: { Labels?: { [name: string]: string } | null | undefined } | undefined): boolean =>
  object?.Labels?.[name] === value;

/** An inspection, or nothing when the engine has no such object. */
export const findOrNothing = <T>(inspection: Promise<T>): Promise<T | undefined> =>
  inspection.catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return undefined;
    throw error;
  });
