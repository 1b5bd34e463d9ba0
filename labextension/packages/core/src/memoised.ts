/** Remembers the last call: same arguments, same (identical) answer. */
export function memoised<A extends readonly unknown[], R>(
  compute: (...args: A) => R,
): (...args: A) => R {
  let last: { args: A; result: R } | null = null;
  return (...args) => {
    if (last && args.every((arg, i) => Object.is(arg, last!.args[i]))) return last.result;
    const result = compute(...args);
    last = { args, result };
    return result;
  };
}
