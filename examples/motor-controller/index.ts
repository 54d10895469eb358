export { AcmeController } from "./acme-controller.js";
export { beamtimePlugins } from "./acme-plugin.js";
