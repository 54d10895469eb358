import { BeamtimeError } from "@beamtime/errors";
import { type DataNodeEvent, decodeEvent } from "@beamtime/protocol";
import type { StreamEntry } from "./stream-entry.js";

/** The event in an entry; undefined where there is none that can be read, so that a foreign entry stops nothing. */
export function eventOf([, fields]: StreamEntry): DataNodeEvent | undefined {
  try {
    return decodeEvent(fields);
  } catch (error) {
    if (error instanceof BeamtimeError) return undefined;
    throw error;
  }
}
