export { plotsFromPage } from "./plots/library";
export { mountExplorer, type Explorer, type ExplorerOptions } from "./app";
export { mountLive } from "./live";
export { workerFromScript } from "./layout/start";
export { StaticTransport, type WireModel, type WireStatus } from "./transport";
export { followPageAround, isKept } from "./keeping";
export { strings } from "./strings";
