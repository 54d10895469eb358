import { Disposer, Gate } from "@beamtime/concurrency";
import { type AcquisitionContext, AcquisitionMaster, type AcquisitionObjectOptions } from "@beamtime/core";
import { afterwards } from "./afterwards.js";
import type { Axis } from "./axis.js";
import { AxisVelocityError } from "./axis-error.js";
import { driveTogether } from "./drive-together.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { OwnMoves } from "./own-moves.js";
import type { Sweep } from "./sweep.js";

/** What every master that moves while slaves acquire may be told. */
export interface ContinuousMasterOptions extends Pick<AcquisitionObjectOptions, "triggerType"> {
  /** Name of the node in the data tree. Default `axis`. */
  readonly name?: string | undefined;
}

/**
 * Axes that move while slaves acquire. At the top of a chain it runs when it is started, below a master when that triggers it.
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`
 */
export abstract class ContinuousMaster extends AcquisitionMaster {
  readonly #axes: readonly Axis[];
  /** What moves the axes goes through here. */
  protected readonly moves = new OwnMoves();
  readonly #idle = new Gate({ open: true });

  constructor(axes: readonly Axis[], { name, ...options }: ContinuousMasterOptions & { readonly npoints?: number }) {
    super({
      name: name ?? "axis",
      devices: axes,
      exclusive: [...new Set(axes.flatMap((axis) => [axis, ...axis.realAxes]))],
      ...options,
    });
    this.#axes = axes;
  }

  /** Moves, and triggers the slaves on the way. */
  protected abstract run(context: AcquisitionContext): Promise<void>;

  async start(context: AcquisitionContext): Promise<void> {
    if (!this.parent) await this.trigger(context);
  }

  override async trigger(context: AcquisitionContext): Promise<void> {
    this.#idle.close();
    try {
      await this.run(context);
    } finally {
      this.#idle.open();
    }
  }

  /** Whether the axes stand and the last run is over. */
  override triggerReady(): boolean {
    return this.#idle.isOpen && !this.#axes.some(({ isMoving }) => isMoving);
  }

  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    if (!this.#idle.isOpen) return this.#idle.wait({ signal });
  }

  stop(context: AcquisitionContext): Promise<void> {
    return this.moves.stop(context);
  }

  /** Brings axes to where their sweeps begin, at the velocities that they have. */
  protected approach(sweeps: readonly Sweep[], { signal }: ControllerCallOptions): Promise<void> {
    const targets = sweeps.map(({ axis, moveStart }) => [axis, moveStart] as const);
    return this.#move(targets, { signal });
  }

  /** Runs through sweeps at the same time, each at its velocity. The axes have their former velocities afterwards, always. */
  protected async sweep(sweeps: readonly Sweep[], { signal }: ControllerCallOptions): Promise<void> {
    const targets = sweeps.map(({ axis, moveEnd }) => [axis, moveEnd] as const);
    await atVelocities(sweeps, () => this.#move(targets, { signal }), signal);
  }

  /** Straight on, also where the positions of an axis begin anew. */
  #move(targets: readonly (readonly [Axis, number])[], options: ControllerCallOptions): Promise<void> {
    return this.moves.during(
      targets.map(([axis]) => axis),
      () =>
        driveTogether(
          targets.map(([axis, to]) => ({ drive: axis.drive, to })),
          options,
        ),
    );
  }
}

/** Does something while axes have other velocities. */
async function atVelocities(
  axes: readonly { readonly axis: Axis; readonly velocity: number }[],
  work: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const restored = new Disposer();
  await afterwards(
    axes[0]?.axis.name ?? "",
    async () => {
      for (const { axis, velocity } of axes) {
        const before = axis.velocity;
        if (before === velocity) continue;
        if (!Number.isNaN(before)) restored.defer(() => giveBack(axis, before, velocity));
        await axis.setVelocity(velocity, { signal });
      }
      await work();
    },
    () => restored[Symbol.asyncDispose](),
  );
}

/** Without a signal: also after an abort. @throws AxisVelocityError when the controller cannot be told now */
async function giveBack(axis: Axis, velocity: number, used: number): Promise<void> {
  try {
    await axis.setVelocity(velocity);
  } catch (error) {
    axis.velocity = velocity;
    throw new AxisVelocityError(axis.name, velocity, used, axis.unit, error);
  }
}
