import { Gate } from "@beamtime/concurrency";
import type { ControllerCallOptions, MotorController } from "@beamtime/motion";

/** A call of a motor controller that can be made to fail. */
export type MotorCall = Exclude<
  keyof MotorController,
  "name" | "hasWholeSteps" | "realAxes" | "parameterAxes" | "recount" | "readUnit" | "checkPositions" | "watch"
>;

/** What is wrong with the calls of a controller, on demand. */
export class SimulatedMotorFaults {
  readonly #failures = new Map<MotorCall, unknown>();
  readonly #hung = new Map<MotorCall, Gate>();

  failNext(call: MotorCall, error: unknown): void {
    this.#failures.set(call, error);
  }

  hang(call: MotorCall): () => void {
    const gate = this.#hung.get(call) ?? new Gate();
    this.#hung.set(call, gate);
    return () => {
      if (this.#hung.get(call) === gate) this.#hung.delete(call);
      gate.open();
    };
  }

  /** Lets a call through, or not. @throws what it shall fail with */
  async pass(call: MotorCall, options: ControllerCallOptions): Promise<void> {
    await this.#hung.get(call)?.wait(options);
    if (this.#failures.size === 0 || !this.#failures.has(call)) return;
    const error = this.#failures.get(call);
    this.#failures.delete(call);
    throw error;
  }
}
