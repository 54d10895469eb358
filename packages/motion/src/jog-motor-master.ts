import type { AcquisitionContext } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { afterwards } from "./afterwards.js";
import type { Axis } from "./axis.js";
import { AxisUnsupportedError } from "./axis-error.js";
import { checkTrajectory } from "./check-trajectory.js";
import { ContinuousMaster, type ContinuousMasterOptions } from "./continuous-master.js";
import { driveTogether } from "./drive-together.js";
import { rampOf, wayOf } from "./sweep.js";

export interface JogMotorMasterOptions extends ContinuousMasterOptions {
  /** Asked again and again while the axis moves: whether it goes on. Default: until somebody stops it. */
  readonly endJogFunc?: ((axis: Axis) => boolean | Promise<boolean>) | undefined;
  /** Seconds between two questions. Default 0.02. */
  readonly pollingTime?: number | undefined;
  /** Way to gain speed before the start, in units. Default v²/(2a), which is just enough. */
  readonly undershoot?: number | undefined;
}

/**
 * Moves an axis at constant velocity, without an end of its own; triggers its slaves once, before it moves. It ends when
 * `endJogFunc` says anything but true, or when somebody stops the axis.
 *
 * @example
 * new JogMotorMaster(omega, 0, -5, { endJogFunc: (axis) => axis.position > -720 }); // downwards, 5 °/s
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `JogMotorMaster`
 */
export class JogMotorMaster extends ContinuousMaster {
  readonly axis: Axis;
  readonly #velocity: number;
  readonly #moveStart: number;
  readonly #options: JogMotorMasterOptions;

  /**
   * @param start where the velocity is reached
   * @param jogSpeed units/s; its sign is the direction
   * @throws AxisUnsupportedError when the controller cannot jog, AxisLimitError, ArgumentError for a speed that it must not have
   */
  constructor(axis: Axis, start: number, jogSpeed: number, options: JogMotorMasterOptions = {}) {
    const { pollingTime = 0.02 } = options;
    if (!axis.capabilities.jog) {
      const message = `the controller ${axis.controller.name} of ${axis.name} cannot jog: expected one with startJog`;
      throw new AxisUnsupportedError(axis.name, message);
    }
    if (!Number.isFinite(jogSpeed) || jogSpeed === 0) {
      throw new ArgumentError("jogSpeed", `jogSpeed is ${jogSpeed}; expected units/s, with the sign of the direction`);
    }
    axis.drive.dynamics.check(Math.abs(jogSpeed));
    if (!(pollingTime > 0)) {
      throw new ArgumentError("pollingTime", `pollingTime is ${pollingTime}; expected seconds, more than 0`);
    }
    const undershoot = wayOf("undershoot", options.undershoot) ?? rampOf(axis, jogSpeed);
    const moveStart = start - Math.sign(jogSpeed) * undershoot;
    checkTrajectory([[axis, [moveStart, start]]]);
    super([axis], options);
    this.axis = axis;
    this.#velocity = jogSpeed;
    this.#moveStart = moveStart;
    this.#options = options;
  }

  prepare({ signal }: AcquisitionContext): Promise<void> {
    return this.moves.during([this.axis], () =>
      driveTogether([{ drive: this.axis.drive, to: this.#moveStart }], { signal }),
    );
  }

  protected override async run(context: AcquisitionContext): Promise<void> {
    this.triggerSlaves(context);
    await this.moves.during([this.axis], () => this.#jog(context));
    await this.waitSlaves(context);
  }

  async #jog({ signal, clock }: AcquisitionContext): Promise<void> {
    const { axis } = this;
    const { endJogFunc, pollingTime = 0.02 } = this.#options;
    await axis.jog(this.#velocity, { signal });
    await afterwards(
      axis.name,
      async () => {
        if (!endJogFunc) await axis.waitMove({ signal });
        else while (axis.isMoving && (await endJogFunc(axis)) === true) await clock.sleep(pollingTime, { signal });
      },
      async () => {
        if (axis.isMoving) await axis.stop(); // no signal: also after an abort
      },
    );
    await axis.waitMove({ signal }); // tells what went wrong
  }
}
