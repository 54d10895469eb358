export { BasicScanSaving, type BasicScanSavingOptions } from "./basic-scan-saving.js";
export {
  EsrfScanSaving,
  type EsrfScanSavingOptions,
  type PolicyEvent,
  type SampleDescription,
} from "./esrf-scan-saving.js";
export { MissingParameterError } from "./missing-parameter-error.js";
export { numberedScanSaving } from "./numbered-scan-saving.js";
export { checkScanSaving, type OpenScanSavingOptions, openScanSaving } from "./open-scan-saving.js";
export { ScanSavingError } from "./scan-saving-error.js";
export { type SavingPaths, type ScanSavingOptions, WardrobeScanSaving } from "./wardrobe-scan-saving.js";
