import { BeamtimeError } from "@beamtime/errors";

/** A template uses a parameter that nobody has defined, or that has no value. */
export class MissingParameterError extends BeamtimeError {
  readonly code = "MISSING_PARAMETER";
  /** Name of the parameter; empty for a field `{}`. */
  readonly parameter: string;
  /** The template that uses it. */
  readonly template: string;

  constructor(parameter: string, template: string, message: string) {
    super(message);
    this.parameter = parameter;
    this.template = template;
  }
}
