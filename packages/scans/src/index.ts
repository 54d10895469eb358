export type { MeshScanOptions } from "./mesh-scan.js";
export type { ScanCommandOptions } from "./scan-command-options.js";
export { createScanCommands, type ScanCommands } from "./scan-commands.js";
export type { ScanContext } from "./scan-context.js";
export type { TimeScanOptions } from "./time-scans.js";
