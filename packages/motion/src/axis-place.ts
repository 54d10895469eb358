import type { AxisDrive } from "./axis-drive.js";
import { AxisDiscrepancyError } from "./axis-error.js";
import type { AxisMemory } from "./axis-memory.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** Where an axis was left: found elsewhere at rest, somebody else has moved it. In dial units. */
export class AxisPlace {
  readonly #drive: AxisDrive;
  readonly #memory: AxisMemory | undefined;
  readonly #isChecked: boolean;
  #left = Number.NaN;
  /** Whether the others have told where it was left: one of them may know better by now. */
  #isHeard = false;
  #isUnderway = false;

  constructor(
    drive: AxisDrive,
    { memory, checkDiscrepancy }: { readonly memory: AxisMemory | undefined; readonly checkDiscrepancy: boolean },
  ) {
    this.#drive = drive;
    this.#memory = memory;
    this.#isChecked = checkDiscrepancy;
  }

  /** What others are told: in flight where the axis is, at rest where it was left; nothing when they have told it. */
  get kept(): number | undefined {
    if (this.#isUnderway || Number.isNaN(this.#left)) return this.#found;
    return this.#isHeard ? undefined : this.#left;
  }

  /** Whether it was last found elsewhere than it was left. */
  get isElsewhere(): boolean {
    return this.#isChecked && Math.abs(this.#found - this.#left) > this.#drive.slack;
  }

  /** Others have left it there; NaN: nobody knows where, and any place is accepted. */
  hear(dial: number): void {
    this.#left = dial;
    this.#isHeard = true;
    this.#isUnderway = false;
  }

  /** The place is counted anew here: the others are to be told. */
  claim(): void {
    this.#isHeard = false;
  }

  /** It moves from where it was left, until it is found somewhere. */
  depart(): void {
    this.#isUnderway = true;
  }

  /** Where it was found is where it was left. */
  accept(): void {
    this.#left = this.#found;
    this.#isHeard = false;
    this.#isUnderway = false;
  }

  /** Compares where it was found with where it was left. @throws AxisDiscrepancyError */
  async check(options: ControllerCallOptions): Promise<void> {
    const drive = this.#drive;
    if (!this.#isChecked) return this.accept();
    if (Number.isNaN(this.#left)) return drive.acceptPosition();
    if (!this.isElsewhere) return;
    const found = this.#found;
    // another process may have moved it, and what it told is still on its way here
    const recalled = await this.#memory?.recall(options);
    if (recalled?.dial === undefined || Math.abs(found - recalled.dial) > drive.slack) {
      throw new AxisDiscrepancyError(drive.name, this.#left, found, drive.coordinates.unit);
    }
    drive.acceptPosition();
  }

  get #found(): number {
    return this.#drive.coordinates.toDial(this.#drive.position);
  }
}
