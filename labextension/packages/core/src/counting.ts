/** Numbers as people read them. */

/** A thing by its names: of one, and of any other number. */
export type Noun = readonly [one: string, many: string];

/** `50,000`. Not `toLocaleString`: its first call alone takes 20 ms of the first picture's time. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 node`, `38 nodes`, `50,000 nodes`. */
export function counted(count: number, [one, many]: Noun): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
