export type { ContinuousMeshOptions } from "./continuous-mesh.js";
export type { ContinuousScanOptions, ContinuousTriggers } from "./continuous-run.js";
export type { HardwareTriggered } from "./hardware-triggered.js";
export type { MeshScanOptions } from "./mesh-scan.js";
export type { ScanCommandOptions } from "./scan-command-options.js";
export { createScanCommands, type ScanCommands } from "./scan-commands.js";
export type { ScanContext } from "./scan-context.js";
export type { TimeScanOptions } from "./time-scans.js";
