export { openSession } from "./open-session.js";
export { ScanHistory } from "./scan-history.js";
export { type ScanPaths, ScanSavingParameters } from "./scan-saving-parameters.js";
export type { Session, SessionOptions } from "./session.js";
export { SessionError } from "./session-error.js";
