export { LiveTransport, type WireModel, type WireStatus } from "./live";
export { StaticTransport } from "./static";
export { RequestError, type Answer, type Pending, type Transport } from "./types";
