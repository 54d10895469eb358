import { BeamtimeError } from "@beamtime/errors";

/** What was to be done with a file or folder of the configuration. */
export type FileAction = "read" | "write" | "remove" | "move" | "list";

/** The Beacon server refuses to read, write, remove, move or list a path. */
export class BeaconFileError extends BeamtimeError {
  readonly code = "BEACON_FILE";
  readonly action: FileAction;
  /** Relative to the root of the configuration, as it was given. */
  readonly path: string;
  /** `host:port` or socket path of the server. */
  readonly address: string;

  constructor(action: FileAction, path: string, address: string, reason: string) {
    const shown = path === "" ? "the root of the configuration" : `'${path}'`;
    super(`the Beacon server at ${address} cannot ${action} ${shown}: ${reason || "no reason given"}`);
    this.action = action;
    this.path = path;
    this.address = address;
  }
}
