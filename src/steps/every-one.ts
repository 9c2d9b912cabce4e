/**
 * As Promise.all, but when it rejects nothing is under way any more: what one of them wrote is there to be taken back.
 * @throws what the first of them, in their order, was rejected with
 */
export async function everyOne<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
