/** What a test opens is disposed after it, so that no timer outlives the page it belongs to. */
import { afterEach } from "vitest";

interface Disposable {
  dispose(): void;
}

const opened: Disposable[] = [];

afterEach(() => {
  for (const one of opened.splice(0).reverse()) one.dispose();
});

/** The same object, disposed when the test has ended. */
export function owned<T extends Disposable>(one: T): T {
  opened.push(one);
  return one;
}
