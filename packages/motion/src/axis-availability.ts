import { errorMessage } from "@beamtime/errors";
import { AxisDisabledError } from "./axis-error.js";
import { AxisState } from "./axis-state.js";

/** Whether an axis may be used, and why not. */
export class AxisAvailability {
  readonly #name: string;
  #disabled: { readonly reason: string; readonly cause?: unknown } | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The state of an axis that is out of use; undefined for one in use. */
  get state(): AxisState | undefined {
    return this.#disabled && new AxisState([["DISABLED", this.#disabled.reason]]);
  }

  disable(reason: string): void {
    this.#disabled = { reason };
  }

  /** The controller failed when the axis was to be initialised. */
  failed(cause: unknown): void {
    this.#disabled = { reason: `its controller failed: ${errorMessage(cause)}`, cause };
  }

  enable(): void {
    this.#disabled = undefined;
  }

  /** @throws AxisDisabledError when the axis is out of use */
  assert(): void {
    if (!this.#disabled) return;
    const { reason, cause } = this.#disabled;
    const message = `${this.#name} is disabled: ${reason}: call enable() of the axis when that is mended`;
    throw new AxisDisabledError(this.#name, message, { cause });
  }
}
