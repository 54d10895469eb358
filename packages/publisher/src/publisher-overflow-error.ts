import { BeamtimeError } from "@beamtime/errors";

/** A scan that runs freely makes data faster than Redis takes it, and the memory set aside for that is full. */
export class PublisherOverflowError extends BeamtimeError {
  readonly code = "PUBLISHER_OVERFLOW";
  /** Bytes that wait to be written. */
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number, address: string) {
    const mebibytes = (value: number): string => `${(value / 2 ** 20).toFixed(1)} MiB`;
    super(
      `${mebibytes(bytes)} of data wait for Redis at ${address}, the limit is ${mebibytes(limit)}: the server is too slow or gone; mend it, slow the scan down, or raise bufferLimit`,
    );
    this.bytes = bytes;
    this.limit = limit;
  }
}
