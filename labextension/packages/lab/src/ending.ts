/** Ends the kernel of a file with the last page that looks at it. */

import type { ISessionContext } from "@jupyterlab/apputils";
import { KernelAPI, type Session } from "@jupyterlab/services";

/** Milliseconds before the kernel is asked who is there: our own connection takes some to close. */
const WAITS = [0, 200, 1000, 3000];

/** Once `context` is disposed, its kernel ends, unless another page is connected to it. */
export function endWithLast(context: ISessionContext): void {
  context.disposed.connect(({ session, sessionManager }) => {
    if (session) void endUnlessUsed(session, sessionManager);
  });
}

async function endUnlessUsed(
  { id, kernel }: Session.ISessionConnection,
  manager: Session.IManager,
) {
  if (!kernel) return;
  const { id: name, serverSettings } = kernel;
  for (const wait of WAITS) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const found = await KernelAPI.getKernelModel(name, serverSettings);
    if (!found) return;
    if (!found.connections) return manager.shutdown(id);
  }
}
