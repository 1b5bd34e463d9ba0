export { DocumentModel, ProtocolVersionError, type Frame } from "./document";
export { GraphModel, HOW, Kind, Role, type How } from "./graph";
export type { LineCount } from "./lines";
export { Passes } from "./passes";
