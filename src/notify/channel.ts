/** Says one message on one channel. */
export interface Channel {
  readonly name: string;
  /** Resolves once the far side took it. The id is the same on every try: receivers drop repeats. @throws DriverError */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

export interface Message {
  /** Stable for one message of one run. */
  readonly id: string;
  /** One line, the worst first. */
  readonly title: string;
  /** Markdown, under 4 KB: what failed, whether the platform was changed, who is awaited until when, what silence means, the next command. */
  readonly text: string;
  readonly platform: string;
  readonly run: string;
  readonly urgency: 'info' | 'page';
}
