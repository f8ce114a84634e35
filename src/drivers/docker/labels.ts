/** What lastgood writes on what it makes, so that it touches nothing else. None of them is a setting. */
export const LABEL = {
  platform: 'lastgood.platform',
  run: 'lastgood.run',
  fence: 'lastgood.fence',
  target: 'lastgood.target',
  /** On a staged container: the id of the container that it was made to replace. */
  replaces: 'lastgood.replaces',
  /** On a container made again from its record, for its first one had vanished: the run that did. */
  remade: 'lastgood.remade',
} as const;

export const isOurLabel = (label: string): boolean => (Object.values(LABEL) as string[]).includes(label);
export const CLAIM_IMAGE = 'lastgood/claim:1';
export const KEPT_IMAGES = 'lastgood/kept';
export const claimName = (platform: string): string => `lastgood-claim-${platform}`;
