import { inspect } from "node:util";
import type { Scan } from "@beamtime/core";

/** How many scans a session remembers. */
const capacity = 20;

/**
 * SCANS: the last scans of a session, newest last, `ct` included. An array whose oldest scan leaves when it is full.
 */
export class ScanHistory extends Array<Scan> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  override push(...scans: Scan[]): number {
    super.push(...scans);
    if (this.length > capacity) this.splice(0, this.length - capacity);
    return this.length;
  }

  override toString(): string {
    return `SCANS([${this.map(String).join(",\n       ")}], maxlen=${capacity})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
