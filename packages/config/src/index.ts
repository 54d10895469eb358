export { ConfigError, type ConfigPlace } from "./config-error.js";
export type { ConfigItem, ConfigPlugin, ConfigTools } from "./plugin.js";
export { referenceSchema } from "./reference.js";
