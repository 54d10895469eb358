import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { AxisState } from "./axis-state.js";
import { driveTogether } from "./drive-together.js";
import type { MotionHook } from "./motion-hook.js";
import type { ControllerCallOptions } from "./motor-controller.js";
import { type MotionOptions, startMotion, waitForRest } from "./start-motion.js";
import { requestStop } from "./stop-axes.js";

/** Where axes go: by axis, or by name. */
export type GroupTargets = Iterable<readonly [Axis, number]> | Readonly<Record<string, number>>;

/**
 * Axes that move together, with one state and one stop.
 *
 * @example
 * const table = new AxisGroup([tx, tz]);
 * await table.move({ tx: 1, tz: 2.5 });
 * @see BLISS `bliss/common/motor_group.py`, `Group`
 */
export class AxisGroup {
  readonly axes: readonly Axis[];
  readonly motionHooks: readonly MotionHook[];

  /** @param options `motionHooks`: called for moves of the group, beside those of the axes */
  constructor(axes: readonly Axis[], { motionHooks = [] }: { readonly motionHooks?: readonly MotionHook[] } = {}) {
    const names = axes.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new ArgumentError("axes", `${twice} is given twice: expected each axis once`);
    if (axes.length === 0) throw new ArgumentError("axes", "a group needs at least one axis");
    this.axes = [...axes];
    this.motionHooks = motionHooks;
  }

  /** Last known positions in user units, by name. */
  get position(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.axes.map(({ name, position }) => [name, position]));
  }

  /** MOVING as soon as one of them moves, READY when all are. */
  get state(): AxisState {
    return AxisState.union(this.axes.map(({ state }) => state));
  }

  get isMoving(): boolean {
    return this.axes.some(({ isMoving }) => isMoving);
  }

  /** Moves axes of the group, all at once. @throws as `moveTogether`; ArgumentError for an axis that is not in the group */
  async move(targets: GroupTargets, options: MotionOptions = {}): Promise<void> {
    const pairs = this.#pairs(targets);
    await this.#go(
      pairs.map(([axis, to]) => [axis, axis.targetOf(to)] as const),
      options,
    );
  }

  /** Moves axes of the group by distances. @throws as `move` */
  async rmove(distances: GroupTargets, options: MotionOptions = {}): Promise<void> {
    const pairs = this.#pairs(distances);
    await Promise.all(pairs.map(([axis]) => axis.catchUp(options)));
    await this.#go(
      pairs.map(([axis, distance]) => [axis, axis.target + distance] as const),
      options,
    );
  }

  /** Stops all of them; resolves at rest. */
  async stop(options: ControllerCallOptions = {}): Promise<void> {
    for (const { drive } of this.axes) drive.stopRequested = true; // also of those that are about to move
    const moving = this.axes.filter(({ isMoving }) => isMoving);
    const drives = moving.map(({ drive }) => drive).filter(({ idle }) => !idle.isOpen);
    const elsewhere = moving.filter(({ drive }) => !drives.includes(drive));
    await Promise.all([...requestStop(drives, options), ...elsewhere.map((axis) => axis.stop(options))]);
    for (const drive of drives) await drive.idle.wait(options);
  }

  /** Resolves when all are at rest. @throws what went wrong in a move that nobody has waited for */
  async waitMove(options: ControllerCallOptions = {}): Promise<void> {
    await waitForRest(
      this.axes.map(({ drive }) => drive),
      options,
    );
  }

  toString(): string {
    return `AxisGroup(${this.axes.map(String).join(", ")})`;
  }

  async #go(targets: readonly (readonly [Axis, number])[], options: MotionOptions): Promise<void> {
    const legs = targets.map(([{ drive }, to]) => ({ drive, to }));
    await startMotion(
      legs.map(({ drive }) => drive),
      options,
      (inner) => driveTogether(legs, { ...inner, hooks: this.motionHooks }),
    );
  }

  #pairs(targets: GroupTargets): readonly (readonly [Axis, number])[] {
    if (isIterable(targets)) {
      const pairs = [...targets];
      for (const [axis] of pairs) if (!this.axes.includes(axis)) throw this.#stranger(axis.name);
      return pairs;
    }
    return Object.entries(targets).map(([name, to]) => {
      const axis = this.axes.find((member) => member.name === name);
      if (!axis) throw this.#stranger(name);
      return [axis, to] as const;
    });
  }

  #stranger(name: string): ArgumentError {
    const members = this.axes.map((axis) => axis.name).join(", ");
    return new ArgumentError("targets", `${name} is not in the group: expected some of ${members}`);
  }
}

function isIterable(targets: GroupTargets): targets is Iterable<readonly [Axis, number]> {
  return Symbol.iterator in targets;
}
