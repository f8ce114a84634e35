/**
 * `work` on up to `width` items at a time, results in the items' order. It takes the next item only when there is room,
 * so that memory is bounded by `width`. However it is left, nothing of its work goes on after it.
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  width: number,
  work: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  let index = 0;
  try {
    for await (const item of items) {
      const result = work(item, index++);
      // It is thrown when its turn comes; until then it is not unheard.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= width) yield await (underWay[0] as Promise<Result>).finally(() => underWay.shift());
    }
    while (underWay.length > 0) yield await (underWay[0] as Promise<Result>).finally(() => underWay.shift());
  } finally {
    await Promise.allSettled(underWay);
  }
}
