import { BeamtimeError } from "@beamtime/errors";

/** A scan wants a device that another scan is using. Nothing has moved. */
export class DeviceInUseError extends BeamtimeError {
  readonly code = "DEVICE_IN_USE";
  /** Names of the devices that are not free. */
  readonly devices: readonly string[];
  /** Who uses them. */
  readonly holder: string;

  constructor(devices: readonly string[], holder: string, options?: { cause?: unknown }) {
    const verb = devices.length === 1 ? "is" : "are";
    super(
      `${devices.join(", ")} ${verb} in use by ${holder}: wait for the end of that scan, or stop it, then run this one again`,
      options,
    );
    this.devices = devices;
    this.holder = holder;
  }
}
