import { AcquisitionError } from "./acquisition-error.js";

/** Points that an acquisition object still expects do not come: nothing triggers it any more. Those that came are kept. */
export class MissingPointsError extends AcquisitionError {
  /** Points that came. */
  readonly points: number;
  /** Points that were to come. */
  readonly expected: number;
  /** Seconds without a point. */
  readonly waited: number;

  constructor(source: string, message: string, { points, expected, waited }: MissingPoints) {
    super(source, message);
    this.points = points;
    this.expected = expected;
    this.waited = waited;
  }
}

/** What is missing of how many. */
interface MissingPoints {
  readonly points: number;
  readonly expected: number;
  readonly waited: number;
}
