export { scanSavingProblems } from "./check-scan-saving.js";
export { listSessions } from "./list-sessions.js";
export { openSession } from "./open-session.js";
export { ScanHistory } from "./scan-history.js";
export type { Session, SessionOptions } from "./session.js";
export { SessionError } from "./session-error.js";
export { sessionPlugins, standardPlugins } from "./session-plugins.js";
export { type Beacon, type StartBeaconOptions, startBeacon } from "./start-beacon.js";
