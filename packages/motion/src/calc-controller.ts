import { abortable } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "./axis.js";
import { roundingAt } from "./axis-arguments.js";
import type { AxisDrive } from "./axis-drive.js";
import { AxisLimitError, AxisMovingError } from "./axis-error.js";
import { AxisState } from "./axis-state.js";
import { BackgroundMotion } from "./background-motion.js";
import { AxisCalcError } from "./calc-error.js";
import type { CalcPositions } from "./calc-positions.js";
import { checkTrajectory } from "./check-trajectory.js";
import { driveTogether } from "./drive-together.js";
import type { ControllerCallOptions, Motion, MotorController, MotorListener } from "./motor-controller.js";

export interface CalcControllerOptions<Real extends string = string, Parameter extends string = never> {
  readonly name: string;
  /** The axes that it moves, by role. They may be calculated themselves. */
  readonly reals: Readonly<Record<Real, Axis>>;
  /** Axes whose positions the calculation needs, but that it does not move, by role. */
  readonly parameters?: Readonly<Record<Parameter, Axis>> | undefined;
  /** What the calculated axes are called in messages, by role. Default: as the roles. */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the axes have signs and offsets of their own. Default true. False, as `no_offset` of BLISS: what changes the
   * position of one gives the reals other offsets, and calculated axes agree always.
   */
  readonly hasOffsets?: boolean | undefined;
  /** Whether step scans emit the positions of the reals too. Default true. */
  readonly emitRealPosition?: boolean | undefined;
}

/**
 * Axes calculated from others. A subclass says how; each axis is then an ordinary `Axis` whose `controller` is this one and
 * whose `address` is its role.
 *
 * The calculation is from user positions of the reals to dial positions of the calculated axes, and back. A move sends the
 * reals together; those calculated axes that are not moved stay where the reals were last sent.
 *
 * @example
 * class Slits extends CalcController<"front" | "back"> {
 *   calcFromReal(reals: CalcPositions<"front" | "back">) {
 *     return eachPoint(reals, ({ front, back }) => ({ hgap: front + back, hoffset: (front - back) / 2 }));
 *   }
 *   calcToReal(pseudos: CalcPositions<"hgap" | "hoffset">) {
 *     return eachPoint(pseudos, ({ hgap, hoffset }) => ({ front: hgap / 2 + hoffset, back: hgap / 2 - hoffset }));
 *   }
 * }
 * const slits = new Slits({ name: "s1", reals: { front: s1f, back: s1b } });
 * const gap = new Axis({ name: "s1hg", controller: slits, address: "hgap", unit: "mm" });
 * @see BLISS `bliss/controllers/motor.py`, class `CalcController`
 */
export abstract class CalcController<Real extends string = string, Parameter extends string = never>
  implements MotorController
{
  readonly name: string;
  readonly reals: Readonly<Record<Real, Axis>>;
  readonly parameters: Readonly<Record<string, Axis>>;
  readonly emitRealPosition: boolean;
  readonly recount: ((address: string, position: number) => void) | undefined;
  readonly #names: Readonly<Record<string, string>>;
  readonly #motion: BackgroundMotion;
  readonly #listeners = new Map<string, Set<MotorListener>>();
  /** The roles that the motion in progress moves. */
  #moved: readonly string[] = [];
  /** Where each axis was when the listeners were told. */
  readonly #told = new Map<Axis, number>();
  #unfollow: (() => void) | undefined;
  #reading: Promise<void> | undefined;
  /** The role whose dial is being set: its axis does the rest itself. */
  #recounted: string | undefined;
  /** Whether the reals are given other positions: one after the other, which is nobody else's concern. */
  #isRecounting = false;

  /** @throws ArgumentError when there is no real axis, or when moving one of them moves another */
  constructor(options: CalcControllerOptions<Real, Parameter>) {
    this.name = options.name;
    this.reals = { ...options.reals };
    this.parameters = { ...options.parameters };
    this.emitRealPosition = options.emitRealPosition ?? true;
    if (options.hasOffsets === false) this.recount = (address, position) => this.#recount(address, position);
    this.#names = options.names ?? {};
    const [first] = this.realAxes;
    if (!first) throw new ArgumentError("reals", `${this.name} has no real axes: expected at least one`);
    checkIndependent(this.name, this.realAxes);
    this.#motion = new BackgroundMotion({ clock: first.drive.clock, onEnd: () => this.#tellState(this.#moved) });
  }

  /**
   * Dial positions of the calculated axes, by role. Where there is none it gives NaN.
   *
   * @param reals user positions of the real axes, and of the parameters
   */
  abstract calcFromReal(reals: CalcPositions<Real | Parameter>): CalcPositions;

  /**
   * User positions of the real axes, by role: of all of them.
   *
   * @param pseudos dial positions of all calculated axes, and user positions of the parameters
   * @param moved the roles that are to be moved there; the others are to stay
   */
  abstract calcToReal(pseudos: CalcPositions, moved: ReadonlySet<string>): CalcPositions<Real>;

  get realAxes(): readonly Axis[] {
    return Object.values<Axis>(this.reals);
  }

  get parameterAxes(): readonly Axis[] {
    return Object.values(this.parameters);
  }

  async initializeAxis(address: string, options: ControllerCallOptions = {}): Promise<void> {
    await Promise.all(this.#sources.map(([, axis]) => axis.initialize(options)));
    this.#dials(address, ({ position }) => position);
  }

  /** Asks those reals that no move of this process asks already. NaN where the reals are at no position of the axis. */
  async readPosition(address: string, { signal }: ControllerCallOptions = {}): Promise<number> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    await abortable(this.#reading, signal);
    return this.#dials(address, ({ position }) => position);
  }

  /** MOVING as long as the reals are moved together, then whatever they are. @throws once, how that motion failed */
  async readState(_address: string, options: ControllerCallOptions = {}): Promise<AxisState> {
    this.#motion.throwFailure();
    if (this.#motion.isRunning) return AxisState.moving;
    const states = this.realAxes.map(async (axis) => (isAsked(axis) ? axis.state : await axis.readState(options)));
    return AxisState.union(await Promise.all(states));
  }

  /** Moves those reals that are to go elsewhere than they were last sent. @throws as `moveTogether`; AxisCalcError */
  async startMove(motions: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    const [first] = motions;
    if (!first) return;
    if (this.#motion.isRunning) throw new AxisMovingError(this.nameOf(first.address));
    const wanted = new Map(motions.map(({ address, target }) => [address, Float64Array.of(target)]));
    const legs = this.#toReals(wanted)
      .map(([, axis, [to = Number.NaN]]) => ({ drive: axis.drive, to }))
      .filter(({ drive, to }) => !stands(drive, to));
    if (legs.length === 0) return;
    this.#moved = [...wanted.keys()];
    await this.#motion.start((inner) => driveTogether(legs, inner), options);
  }

  async stop(_addresses: readonly string[], options: ControllerCallOptions = {}): Promise<void> {
    const isOurs = this.#motion.isRunning;
    this.#motion.stop();
    const moving = isOurs ? [] : this.realAxes.filter(({ isMoving }) => isMoving);
    if (moving.length === 0) return;
    this.#moved = [];
    await this.#motion.start(async ({ onStarted }) => {
      onStarted();
      await Promise.all(moving.map((axis) => axis.stop()));
    }, options);
  }

  /** Gives the reals other user positions, so that the axis is at a position of its dial. */
  async setPosition(address: string, position: number, _options: ControllerCallOptions = {}): Promise<number> {
    this.#recounted = address;
    try {
      this.#recount(address, position);
    } finally {
      this.#recounted = undefined;
    }
    return this.#dials(address, (axis) => axis.position);
  }

  #recount(address: string, position: number): void {
    const moving = this.realAxes.find(({ isMoving }) => isMoving);
    if (moving) throw new AxisMovingError(moving.name);
    const reals = this.#toReals(new Map([[address, Float64Array.of(position)]]));
    this.#isRecounting = true;
    try {
      for (const [, axis, [user = Number.NaN]] of reals) if (!stands(axis.drive, user)) axis.position = user;
    } finally {
      this.#isRecounting = false;
      this.#tellPositions();
    }
  }

  /** @throws AxisLimitError of a real axis, AxisCalcError */
  checkPositions(positions: ReadonlyMap<string, Float64Array>): void {
    const reals = this.#toRealsIfKnown(positions);
    try {
      checkTrajectory(reals.map(([, axis, list]) => [axis, list]));
    } catch (error) {
      if (!(error instanceof AxisLimitError)) throw error;
      const [, axis, list] = reals.find(([, { name }]) => name === error.axis) ?? [];
      const index = list?.indexOf(error.position) ?? -1;
      if (!axis || index < 0) throw error;
      const because = `where ${this.#pointText(positions, index)} leads it`;
      throw new AxisLimitError(axis.name, error.position, error.limits, axis.unit, because);
    }
  }

  watch(address: string, listener: MotorListener): () => void {
    const listeners = this.#listeners.get(address) ?? new Set();
    this.#listeners.set(address, listeners.add(listener));
    this.#unfollow ??= this.#follow();
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(address);
      if (this.#listeners.size > 0) return;
      this.#unfollow?.();
      this.#unfollow = undefined;
    };
  }

  /**
   * Changes something that the calculation depends on; the axes are then at other positions, and hear so.
   *
   * @throws AxisMovingError while the reals are moved
   */
  protected changeCalculation(change: () => void): void {
    const moving = this.realAxes.find(({ isMoving }) => isMoving);
    if (moving) throw new AxisMovingError(moving.name);
    change();
    this.#tellPositions();
  }

  /** What the calculation starts from. */
  get #sources(): readonly (readonly [string, Axis])[] {
    return [...Object.entries<Axis>(this.reals), ...Object.entries(this.parameters)];
  }

  async #read(): Promise<void> {
    const asked = this.#sources.filter(([, axis]) => !isAsked(axis));
    await Promise.all(asked.map(([, axis]) => axis.readPosition()));
  }

  #fromReal(positionOf: (axis: Axis) => number): CalcPositions {
    const positions = Object.fromEntries(
      this.#sources.map(([role, axis]) => [role, Float64Array.of(positionOf(axis))]),
    );
    return this.calcFromReal(positions as CalcPositions<Real | Parameter>); // its keys are those of reals and parameters
  }

  /** @throws AxisCalcError when nothing is calculated for the role */
  #dials(address: string, positionOf: (axis: Axis) => number): number {
    const calculated = this.#fromReal(positionOf);
    const dial = Object.hasOwn(calculated, address) ? calculated[address]?.[0] : undefined;
    if (dial !== undefined) return Number.isFinite(dial) ? dial : Number.NaN;
    const roles = Object.keys(calculated).join(", ");
    const message = `${this.name} calculates no ${address} from its real axes: expected one of ${roles}`;
    throw new AxisCalcError(this.nameOf(address), address, message);
  }

  /** Where the reals go for calculated axes to come to dial positions. @throws AxisCalcError */
  #toReals(moved: ReadonlyMap<string, Float64Array>): readonly RealPositions[] {
    const length = Math.max(...Array.from(moved.values(), (list) => list.length));
    const wanted: Record<string, Float64Array> = {};
    for (const [role, [stays = Number.NaN]] of Object.entries(this.#fromReal(({ target }) => target))) {
      wanted[role] = new Float64Array(length).fill(stays);
    }
    for (const [role, axis] of Object.entries(this.parameters)) {
      wanted[role] = new Float64Array(length).fill(axis.target);
    }
    for (const [role, list] of moved) wanted[role] = list;
    const reals: Readonly<Record<string, Float64Array>> = this.calcToReal(wanted, new Set(moved.keys()));
    return Object.entries<Axis>(this.reals).map(([role, axis]) => {
      const list = Object.hasOwn(reals, role) ? reals[role] : undefined;
      const index = list?.length === length ? list.findIndex((position) => !Number.isFinite(position)) : 0;
      if (list && index < 0) return [role, axis, list] as const;
      const found = list?.length === length ? String(list[index]) : list ? `${list.length} positions` : "none";
      const message =
        `${this.name} cannot calculate where ${axis.name} (${role}) has to go for ${this.#pointText(wanted, index)}: ` +
        `expected a finite position from calcToReal, which gives ${found}`;
      throw new AxisCalcError(axis.name, role, message);
    });
  }

  /** Nothing as long as it is not known where the others stay: positions are checked again then. */
  #toRealsIfKnown(moved: ReadonlyMap<string, Float64Array>): readonly RealPositions[] {
    try {
      return this.#toReals(moved);
    } catch (error) {
      const isKnown = this.#sources.every(([, axis]) => axis.isInitialized);
      if (isKnown || !(error instanceof AxisCalcError)) throw error;
      return [];
    }
  }

  #pointText(positions: ReadonlyMap<string, Float64Array> | CalcPositions, index: number): string {
    const lists = positions instanceof Map ? [...positions] : Object.entries(positions);
    return lists
      .filter(([role]) => !Object.hasOwn(this.parameters, role))
      .map(([role, list]) => `dial ${list[index]} of ${this.nameOf(role)}`)
      .join(", ");
  }

  /** What a calculated axis is called in messages. */
  protected nameOf(role: string): string {
    return (Object.hasOwn(this.#names, role) ? this.#names[role] : undefined) ?? role;
  }

  #follow(): () => void {
    const reals = new Set(this.realAxes);
    const leave = this.#sources.flatMap(([, axis]) => [
      axis.onPosition((position) => {
        const isJitter = !axis.isMoving && Math.abs(position - (this.#told.get(axis) ?? Number.NaN)) <= axis.tolerance;
        if (!isJitter) this.#tellPositions(axis.drive.sharing.isHearing);
      }),
      ...(reals.has(axis) ? [axis.onState(() => this.#tellState([], axis.drive.sharing.isHearing))] : []),
    ]);
    return () => {
      for (const stop of leave) stop();
    };
  }

  #tellPositions(isHeard = false): void {
    if (this.#isRecounting) return;
    const positions = this.#calculable();
    for (const [, axis] of this.#sources) this.#told.set(axis, axis.position);
    for (const [role, listeners] of this.#listeners) {
      if (role === this.#recounted) continue;
      const position = positions[role]?.[0] ?? Number.NaN;
      for (const listener of listeners) listener.position(Number.isFinite(position) ? position : Number.NaN, isHeard);
    }
  }

  /** What reads the axis next is told why nothing can be calculated; a real axis on its way must not hear of it. */
  #calculable(): CalcPositions {
    try {
      return this.#fromReal(({ position }) => position);
    } catch {
      return {};
    }
  }

  #tellState(but: readonly string[], isHeard = false): void {
    const state = this.#motion.isRunning ? AxisState.moving : AxisState.union(this.realAxes.map((axis) => axis.state));
    for (const [role, listeners] of this.#listeners) {
      if (!but.includes(role)) for (const listener of listeners) listener.state(state, isHeard);
    }
  }
}

/** Role, axis, and where it goes. */
type RealPositions = readonly [string, Axis, Float64Array];

/** Whether an axis was sent there, and is there: the calculation back and forth rounds. */
function stands({ setPoint, position, slack }: AxisDrive, to: number): boolean {
  return Math.abs(to - setPoint) <= roundingAt(to) && Math.abs(to - position) <= slack;
}

/** Whether something asks the axis anyway, or nothing can: what was read last is then as new as it gets. */
function isAsked(axis: Axis): boolean {
  return axis.disabled || !axis.drive.idle.isOpen;
}

/** Calculated axes of one controller may share what they move, as they move together. */
function checkIndependent(name: string, reals: readonly Axis[]): void {
  const movers = new Map<Axis, Axis>();
  for (const [index, real] of reals.entries()) {
    if (reals.indexOf(real) !== index) {
      throw new ArgumentError("reals", `${name} has ${real.name} twice: expected each axis once`);
    }
    for (const moved of real.realAxes.length > 0 ? real.realAxes : [real]) {
      const other = movers.get(moved);
      movers.set(moved, real);
      if (!other || (other.controller === real.controller && other !== moved && real !== moved)) continue;
      const both = `${other.name} and ${real.name}, which both move ${moved.name}`;
      throw new ArgumentError("reals", `${name} has ${both}: expected axes that move independently`);
    }
  }
}
