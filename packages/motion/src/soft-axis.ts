import { systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { Axis } from "./axis.js";
import { AxisMovingError } from "./axis-error.js";
import type { AxisOptions } from "./axis-options.js";
import { AxisState } from "./axis-state.js";
import { BackgroundMotion } from "./background-motion.js";
import type { ControllerCallOptions, Motion, MotorController } from "./motor-controller.js";

type Moving = (position: number, options: { readonly signal: AbortSignal }) => unknown;

/** How an object is read and moved. What is a name is a property of the object, or a method of it. */
export interface SoftAxisOptions<T extends object>
  extends Pick<
    AxisOptions,
    "unit" | "lowLimit" | "highLimit" | "tolerance" | "pollingTime" | "answerTime" | "motionHooks" | "clock"
  > {
  /** What has or gives the position; may be a promise. Default `position`. */
  readonly position?: (keyof T & string) | (() => number | Promise<number>) | undefined;
  /** What is set to the position, or moves there; the move lasts until its promise resolves. Default as `position`. */
  readonly move?: (keyof T & string) | Moving | undefined;
  /** What ends a move early. Default: only the signal that `move` is given. */
  readonly stop?: (keyof T & string) | (() => unknown) | undefined;
  /** What has or gives the state when no move is in progress. Default: it is ready. */
  readonly state?: (keyof T & string) | (() => AxisState | Promise<AxisState>) | undefined;
}

/**
 * An axis made of any object: it can be moved and scanned as others. Nothing is kept of it over restarts.
 *
 * @throws ArgumentError when the object has no property of a name that is given
 * @example
 * const oven = { setpoint: 20, read: () => thermometer.read() };
 * const temperature = softAxis("temperature", oven, { position: "read", move: "setpoint", unit: "°C" });
 * @see BLISS `bliss/common/soft_axis.py`, `SoftAxis`
 */
export function softAxis<T extends object>(name: string, object: T, options: SoftAxisOptions<T> = {}): Axis {
  const { position = "position", stop, state, clock, ...others } = options;
  const move = options.move ?? (typeof position === "string" ? position : "position");
  for (const part of [position, move, stop, state]) {
    if (typeof part !== "string" || part in object) continue;
    throw new ArgumentError(
      "object",
      `the object of ${name} has no ${part}: expected a property or a method of that name`,
    );
  }
  const controller = new SoftController(name, {
    position: () => askedOf(object, position),
    move: (to, inner) => sentTo(object, move, to, inner),
    stop: () => (stop === undefined ? undefined : askedOf(object, stop)),
    state: () => (state === undefined ? AxisState.ready : askedOf(object, state)),
    motion: new BackgroundMotion({ clock: clock ?? systemClock }),
  });
  return new Axis({ ...others, name, controller, clock, checkDiscrepancy: false });
}

interface SoftParts {
  readonly position: () => unknown;
  readonly move: Moving;
  readonly stop: () => unknown;
  readonly state: () => unknown;
  readonly motion: BackgroundMotion;
}

class SoftController implements MotorController {
  readonly name: string;
  readonly #parts: SoftParts;

  constructor(name: string, parts: SoftParts) {
    this.name = name;
    this.#parts = parts;
  }

  async readPosition(): Promise<number> {
    const position = await this.#parts.position();
    if (typeof position === "number" && !Number.isNaN(position)) return position;
    throw new ArgumentError("position", `position of ${this.name} is ${String(position)}; expected a number`);
  }

  async readState(): Promise<AxisState> {
    const { motion } = this.#parts;
    motion.throwFailure();
    if (motion.isRunning) return AxisState.moving;
    const state = await this.#parts.state();
    if (state instanceof AxisState) return state;
    throw new ArgumentError("state", `state of ${this.name} is ${String(state)}; expected an AxisState`);
  }

  async startMove([motion]: readonly Motion[], options: ControllerCallOptions = {}): Promise<void> {
    if (!motion) return;
    if (this.#parts.motion.isRunning) throw new AxisMovingError(this.name);
    await this.#parts.motion.start(async ({ signal, onStarted }) => {
      onStarted();
      await this.#parts.move(motion.target, { signal });
    }, options);
  }

  async stop(): Promise<void> {
    this.#parts.motion.stop();
    await this.#parts.stop();
  }
}

function askedOf(object: object, part: string | (() => unknown)): unknown {
  if (typeof part === "function") return part();
  const value: unknown = Reflect.get(object, part);
  return typeof value === "function" ? Reflect.apply(value, object, []) : value;
}

function sentTo(object: object, part: string | Moving, to: number, options: { readonly signal: AbortSignal }): unknown {
  if (typeof part === "function") return part(to, options);
  const value: unknown = Reflect.get(object, part);
  if (typeof value === "function") return Reflect.apply(value, object, [to, options]);
  if (!Reflect.set(object, part, to))
    throw new ArgumentError("object", `${part} cannot be set: expected a property that can`);
  return undefined;
}
