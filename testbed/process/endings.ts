/** What was started, in its order; each ends one thing. */
export type Endings = (() => Promise<unknown>)[];

/** Ends all of it, last first, and empties the list. One that fails does not leave standing what was made before it. @throws the first failure */
export async function endAll(endings: Endings): Promise<void> {
  const failures: unknown[] = [];
  for (let ending = endings.pop(); ending !== undefined; ending = endings.pop())
    await ending().catch(error => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
