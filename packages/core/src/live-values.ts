import type { PickleInput, PlainValue } from "@beamtime/protocol";

/** One value that the processes of a beamline share. */
export interface LiveValue {
  /**
   * Tells the others; several values that are told without a pause between them may be one, the last.
   *
   * @param age how long ago the value was new, in seconds: what others have changed since is newer, and wins. Default 0
   */
  publish(value: PickleInput, age?: number): void;
}

/** Port: values shared live between the processes of a beamline, kept by nobody else. A session implements it with channels. */
export interface LiveValues {
  /**
   * Takes part in the value of a name, until the end of whoever gave the port.
   *
   * @param onChange hears what other processes tell, also what they have told before; not what is published here
   */
  join(name: string, onChange: (value: PlainValue) => void): LiveValue;
}
