import { BeamtimeError } from "@beamtime/errors";

/** There is no position of a label. Nothing has moved. */
export class UnknownPositionError extends BeamtimeError {
  readonly code = "UNKNOWN_POSITION";
  readonly label: string;
  /** Those that there are. */
  readonly labels: readonly string[];

  constructor(name: string, label: string, labels: readonly string[]) {
    super(`${name} has no position ${label}: expected one of ${labels.join(", ")}`);
    this.label = label;
    this.labels = labels;
  }
}
