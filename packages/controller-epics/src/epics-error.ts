import { BeamtimeError } from "@beamtime/errors";

/** A process variable could not be read or written; the subclass says why. */
export abstract class EpicsError extends BeamtimeError {
  /** Name of the process variable. */
  readonly pv: string;

  constructor(pv: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.pv = pv;
  }
}

/** Nobody has the process variable, or the IOC did not answer in time. */
export class EpicsTimeoutError extends EpicsError {
  readonly code = "EPICS_TIMEOUT";
}

/** The connection to the IOC was lost; it is made again by itself. */
export class EpicsDisconnectedError extends EpicsError {
  readonly code = "EPICS_DISCONNECTED";
}

/** The IOC refused to read or write. */
export class EpicsRefusedError extends EpicsError {
  readonly code = "EPICS_REFUSED";
}

/** Somebody sent what is not Channel Access. The connection is given up. */
export class EpicsProtocolError extends BeamtimeError {
  readonly code = "EPICS_PROTOCOL";
}
