import { AcquisitionChannel, type AcquisitionContext, AcquisitionMaster, type ScanInfo } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { backlashDetour } from "./backlash-detour.js";
import { checkTrajectory } from "./check-trajectory.js";
import { emittedReals } from "./emitted-reals.js";
import { moveTogether } from "./move-together.js";
import { OwnMoves } from "./own-moves.js";

/** Where one axis goes, point by point, in user units. */
export interface AxisPositions {
  readonly axis: Axis;
  readonly positions: Float64Array;
  /** What displays should know of it: `start`, `stop`, `axis-points`, … */
  readonly info: ScanInfo;
}

export interface StepTriggerMasterOptions {
  /** How many times each position is emitted. Default 1. */
  readonly repeat?: number;
  /**
   * Read and emit the positions before the slaves are triggered, for those that emit them again. Default false: at the same
   * time, which is faster.
   */
  readonly positionsFirst?: boolean | undefined;
}

/**
 * Moves axes from point to point: all of them together, then one trigger at each point. Emits the position that is
 * read there, not the one that was asked for; after the axes those that they are calculated from. The subclasses say which
 * points.
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `_StepTriggerMaster`
 */
export abstract class StepTriggerMaster extends AcquisitionMaster {
  readonly #axes: readonly AxisPositions[];
  /** What calculated axes are calculated from. */
  readonly #reals: readonly Axis[];
  readonly #repeat: number;
  readonly #positionsFirst: boolean;
  readonly #moves = new OwnMoves();
  #index = 0;

  constructor(axes: readonly AxisPositions[], { repeat = 1, positionsFirst = false }: StepTriggerMasterOptions = {}) {
    const lengths = axes.map(({ positions }) => positions.length);
    const devices = axes.map(({ axis }) => axis);
    const exclusive = new Set(devices.flatMap((axis) => [axis, ...axis.realAxes]));
    super({ name: "axis", npoints: Math.min(...lengths) * repeat, devices, exclusive: [...exclusive] });
    this.#axes = axes.map(withinTurn);
    this.#repeat = repeat;
    this.#positionsFirst = positionsFirst;
    for (const { axis, positions } of axes) {
      if (axes.some((other) => other.axis === axis && other.positions !== positions)) {
        throw new ArgumentError("axes", `${axis.name} is given twice: expected each axis once`);
      }
    }
    this.#reals = emittedReals(devices);
    for (const { name, unit } of [...devices, ...this.#reals]) {
      this.channels.push(new AcquisitionChannel(`axis:${name}`, "float64", [], { unit }));
    }
    checkTrajectory(this.#axes.map(({ axis, positions }) => [axis, positions]));
    for (const { axis, positions } of this.#axes) {
      for (const [index, to] of positions.entries()) backlashDetour(axis.drive, positions[index - 1] ?? to, to);
    }
  }

  override channelInfo(): Readonly<Record<string, ScanInfo>> {
    return Object.fromEntries(this.channels.map(({ fullname }, i) => [fullname, this.#axes[i]?.info ?? {}]));
  }

  override *iterations(): Generator<number> {
    const steps = this.npoints / this.#repeat;
    for (this.#index = 0; this.#index < steps; this.#index++) yield this.#index;
  }

  async prepare({ signal }: AcquisitionContext): Promise<void> {
    const index = this.#index;
    const targets = this.#axes.map(({ axis, positions }) => [axis, positions[index] ?? Number.NaN] as const);
    const axes = targets.map(([axis]) => axis);
    await this.#moves.during(axes, () => moveTogether(targets, { signal }));
  }

  async start(context: AcquisitionContext): Promise<void> {
    if (!this.parent) await this.trigger(context);
  }

  override async trigger(context: AcquisitionContext): Promise<void> {
    if (this.#positionsFirst) await this.#emitPositions(context);
    this.triggerSlaves(context);
    if (!this.#positionsFirst) await this.#emitPositions(context);
    await this.waitSlaves(context);
  }

  stop(context: AcquisitionContext): Promise<void> {
    return this.#moves.stop(context);
  }

  /** What calculated axes are calculated from was read with them. */
  async #emitPositions({ signal }: AcquisitionContext): Promise<void> {
    await Promise.all(this.#axes.map(async ({ axis }, i) => this.#emit(i, await axis.readPosition({ signal }))));
    for (const [i, { position }] of this.#reals.entries()) this.#emit(this.#axes.length + i, position);
  }

  #emit(index: number, position: number): void {
    const channel = this.channels[index];
    channel?.emit(this.#repeat === 1 ? position : new Float64Array(this.#repeat).fill(position));
  }
}

/** Where moves lead an axis that is sent to positions within a turn only. */
function withinTurn(one: AxisPositions): AxisPositions {
  return one.axis.modulo === undefined
    ? one
    : { ...one, positions: one.positions.map((position) => one.axis.targetOf(position)) };
}
