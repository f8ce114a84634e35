/** A container cannot outlive the other one in this: once that is made again, it must be made again after it. */
export interface Use {
  /** The other's name; its id where nobody has that name any more. */
  readonly container: string;
  readonly how: 'network' | 'memory' | 'processes' | 'volumes' | 'link';
}

const WORDS: Readonly<Record<Use['how'], string>> = {
  network: 'shares the network of',
  memory: 'shares the memory of',
  processes: 'shares the processes of',
  volumes: 'mounts the volumes of',
  link: 'is linked to',
};

/** `shares the network of db`: finishes a sentence that begins with the container. */
export const useInWords = ({ container, how }: Use): string => `${WORDS[how]} ${container}`;
