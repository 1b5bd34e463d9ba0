export { plotsFromModule, plotsFromPage, type Plots } from "./plots/library";
export { mountExplorer, type Explorer, type ExplorerOptions } from "./app";
export { workerFromScript } from "./layout/start";
export {
  LiveTransport,
  RequestError,
  StaticTransport,
  type Transport,
  type WireModel,
} from "./transport";
