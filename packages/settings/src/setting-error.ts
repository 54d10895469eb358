import { BeamtimeError } from "@beamtime/errors";

/** A change of settings that could not be kept; the cause says why, an `AggregateError` if there are several. */
export class SettingError extends BeamtimeError {
  readonly code = "SETTING";
  /** Name of the setting. */
  readonly setting: string;

  constructor(setting: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.setting = setting;
  }
}
