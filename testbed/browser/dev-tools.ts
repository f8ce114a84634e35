/** One connection of the DevTools protocol: calls, answered by number, on the browser or on one page of it. */
export interface DevTools {
  /** @throws Error with the browser's message, or when it is gone */
  call<T = unknown>(method: string, params?: object, session?: string): Promise<T>;
  close(): void;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

const ANSWER_WITHIN_MS = 60_000;

export async function openDevTools(url: string): Promise<DevTools> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Answer;
    const asked = waiting.get(id ?? 0);
    if (asked === undefined) return;
    waiting.delete(id ?? 0);
    if (error === undefined) asked.resolve(result);
    else asked.reject(new Error(`the browser says: ${error.message}`));
  });
  socket.addEventListener('close', () => {
    for (const asked of waiting.values()) asked.reject(new Error('the browser is gone'));
    waiting.clear();
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`${url}: the browser does not answer`)));
  });
  return {
    async call<T>(method: string, params: object = {}, session?: string) {
      last += 1;
      const id = last;
      const asked = Promise.withResolvers<unknown>();
      waiting.set(id, asked);
      const late = setTimeout(() => asked.reject(new Error(`the browser did not answer ${method}`)), ANSWER_WITHIN_MS);
      socket.send(JSON.stringify({ id, method, params, ...(session === undefined ? {} : { sessionId: session }) }));
      try {
        return (await asked.promise) as T;
      } finally {
        clearTimeout(late);
        waiting.delete(id);
      }
    },
    close: () => socket.close(),
  };
}
