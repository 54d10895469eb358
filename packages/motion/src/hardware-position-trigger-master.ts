import type { AcquisitionContext } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { afterwards } from "./afterwards.js";
import type { Axis } from "./axis.js";
import { AxisUnsupportedError } from "./axis-error.js";
import type { ControllerCallOptions, PositionTriggers } from "./motor-controller.js";
import { PositionTriggerMaster, type PositionTriggerMasterOptions } from "./position-trigger-master.js";
import type { Sweep } from "./sweep.js";

export interface HardwarePositionTriggerMasterOptions extends PositionTriggerMasterOptions {
  /** What is emitted: the positions of the pulses, or what the encoder measures about then. Default `theoretical`. */
  readonly positions?: "theoretical" | "encoder" | undefined;
}

/**
 * Makes the motor controller send a pulse at each of equidistant positions while an axis runs at constant velocity.
 *
 * Slaves of trigger type `hardware` take the pulses; others are triggered by software at the same time, or a little later.
 *
 * @example
 * chain.add(new HardwarePositionTriggerMaster(m0, 5, 10, 1000, { time: 1 }), counterCard);
 */
export class HardwarePositionTriggerMaster extends PositionTriggerMaster {
  readonly #measures: boolean;

  /** @throws as PositionTriggerMaster; AxisUnsupportedError when the controller sends no pulses */
  constructor(
    axis: Axis,
    start: number | readonly number[],
    end: number,
    npoints: number,
    { positions = "theoretical", ...options }: HardwarePositionTriggerMasterOptions = {},
  ) {
    if (!axis.capabilities.triggers) {
      const message = `the controller ${axis.controller.name} of ${axis.name} sends no trigger pulses: expected one that does, or a SoftwarePositionTriggerMaster`;
      throw new AxisUnsupportedError(axis.name, message);
    }
    if (positions === "encoder" && !axis.encoder) {
      throw new ArgumentError("positions", `positions is 'encoder', but ${axis.name} has none; expected 'theoretical'`);
    }
    super(axis, start, end, npoints, options);
    this.#measures = positions === "encoder";
  }

  protected override positionAt(position: number, { signal }: AcquisitionContext): number | Promise<number> {
    return this.#measures ? this.axis.measuredPosition({ signal }) : position;
  }

  protected override async sweep([sweep]: readonly [Sweep], options: ControllerCallOptions): Promise<void> {
    const { drive } = this.axis;
    const [first = Number.NaN, ...others] = this.positionsOf(sweep);
    const start = drive.stepsAt(first);
    const second = drive.stepsAt(first + Math.sign(sweep.end - sweep.start) * this.step);
    const arm = async (triggers: PositionTriggers | undefined, inner: ControllerCallOptions): Promise<void> => {
      const call = async (its: ControllerCallOptions): Promise<void> =>
        drive.controller.armTriggers?.(drive.address, triggers, its);
      await drive.link.ask("armTriggers", call, inner);
    };
    await afterwards(
      this.axis.name,
      async () => {
        await arm({ start, step: second - start, count: 1 + others.length }, options);
        await super.sweep([sweep], options);
      },
      () => arm(undefined, {}), // no signal: also after an abort
    );
  }
}
