import { DeviceInUseError } from "@beamtime/core";
import type { Axis } from "./axis.js";
import { AxisMovingError } from "./axis-error.js";
import type { ControllerCallOptions } from "./motor-controller.js";

/** The axes that one master moves: what others do with them is not its own to stop. */
export class OwnMoves {
  readonly #axes = new Set<Axis>();

  /** Does something that moves axes. They are its own until it has ended well, or was refused as somebody else moves one. */
  async during(axes: readonly Axis[], work: () => Promise<void>): Promise<void> {
    const areFree = axes.every(({ isMoving }) => !isMoving); // it is refused else
    if (areFree) for (const axis of axes) this.#axes.add(axis);
    try {
      await work();
    } catch (error) {
      if (error instanceof AxisMovingError || error instanceof DeviceInUseError) this.#forget(axes);
      throw error;
    }
    this.#forget(axes);
  }

  /** Stops those that move still. */
  async stop({ signal }: ControllerCallOptions): Promise<void> {
    const moving = [...this.#axes].filter(({ isMoving }) => isMoving);
    await Promise.all(moving.map((axis) => axis.stop({ signal })));
  }

  #forget(axes: readonly Axis[]): void {
    for (const axis of axes) this.#axes.delete(axis);
  }
}
