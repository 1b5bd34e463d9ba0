/** What is said where something could not be done. */

import { ProtocolVersionError } from "./model";
import { DecodeError } from "./protocol";
import { PROTOCOL } from "./protocol.generated";
import type { Failure } from "./state";
import { RequestError } from "./transport";

export function failureOf(error: unknown): Failure {
  if (error instanceof ProtocolVersionError)
    return {
      title: "this explorer and the data are of different versions",
      detail: `the data speaks version ${String(error.version)} of the protocol, this page version ${PROTOCOL}`,
      help: "install the same tsviz in the kernel and in Jupyter (`%tsdebug --env` shows both), then reload the page",
    };
  if (error instanceof DecodeError)
    return {
      title: "the data is damaged",
      detail: error.message,
      help: "run the cell again, or save the file again with this version of tsviz",
    };
  if (error instanceof RequestError)
    return {
      title: error.code === "" ? error.message : `${error.code}: ${error.message}`,
      detail: error.notes.join(" · "),
      help: error.help,
    };
  return { title: "tsviz could not show this", detail: String(error), help: "" };
}
