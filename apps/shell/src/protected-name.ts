import { BeamtimeError } from "@beamtime/errors";

/** An object of the session was assigned to. */
export class ProtectedName extends BeamtimeError {
  readonly code = "PROTECTED_NAME";

  constructor(name: string) {
    super(`${name} is protected and can not be modified!`);
  }
}
