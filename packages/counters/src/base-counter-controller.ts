import type { AcquisitionObject, ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Counter, CounterController, CountingParameters } from "./counter.js";

/** What all counter controllers have in common: a name, and the counters that were made for it. */
export abstract class BaseCounterController implements CounterController {
  readonly name: string;
  readonly lockName?: string | null;
  deadTime = 0;
  readonly #counters: Counter[] = [];

  constructor(name: string) {
    if (!name) throw new ArgumentError("name", "a counter controller needs a name");
    this.name = name;
  }

  get fullname(): string {
    return this.name;
  }

  get counters(): readonly Counter[] {
    return this.#counters;
  }

  register(counter: Counter): void {
    if (this.#counters.some(({ name }) => name === counter.name)) {
      throw new ArgumentError("name", `${this.name} has a counter ${counter.name} already: give it another name`);
    }
    this.#counters.push(counter);
  }

  get metadata(): ScanInfo {
    return {};
  }

  abstract createAcquisitionObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject;
}
