import { ArgumentError } from "@beamtime/errors";
import {
  type Axis,
  AxisGroup,
  type AxisState,
  checkTrajectory,
  Listeners,
  type MotionOptions,
  positionText,
} from "@beamtime/motion";
import { UnknownPositionError } from "./unknown-position-error.js";

/** Where one axis is in a named position. */
export interface PositionTarget {
  readonly axis: Axis;
  /** In user units. */
  readonly destination: number;
  /** How near counts as there. Default: that of the axis. */
  readonly tolerance?: number | undefined;
}

export interface NamedPosition {
  readonly label: string;
  readonly description?: string | undefined;
  readonly targets: readonly PositionTarget[];
}

export interface MultiplePositionsOptions {
  readonly name: string;
  readonly positions: readonly NamedPosition[];
  /** Whether the axes move at the same time, or one after the other in the order of the targets. Default true. */
  readonly simultaneous?: boolean | undefined;
  /** Keeps the positions when they were changed. Default: nobody does. */
  readonly save?: ((positions: readonly NamedPosition[]) => Promise<void>) | undefined;
}

/**
 * Positions with names, of one or several axes.
 *
 * @example
 * const beamstop = new MultiplePositions({
 *   name: "beamstop",
 *   positions: [
 *     { label: "IN", targets: [{ axis: bsx, destination: 2.5, tolerance: 0.01 }] },
 *     { label: "OUT", targets: [{ axis: bsx, destination: 30, tolerance: 0.01 }] },
 *   ],
 * });
 * await beamstop.move("IN", { signal });
 * @see BLISS `bliss/controllers/multiplepositions.py`, class `MultiplePositions`
 */
export class MultiplePositions {
  readonly name: string;
  readonly simultaneous: boolean;
  readonly #save: MultiplePositionsOptions["save"];
  readonly #listeners: Listeners<string>;
  #positions: readonly NamedPosition[];
  #unfollow: readonly (() => void)[] = [];
  #told = "unknown";

  /** @throws ArgumentError when there is no position, a label is there twice, or a target is none */
  constructor({ name, positions, simultaneous = true, save }: MultiplePositionsOptions) {
    this.name = name;
    this.simultaneous = simultaneous;
    this.#listeners = new Listeners({ subject: `the position of ${name}` });
    this.#save = save;
    if (positions.length === 0) throw new ArgumentError("positions", `${name} has no positions: expected at least one`);
    for (const [index, position] of positions.entries()) {
      this.#check(position, positions.slice(0, index));
    }
    this.#positions = [...positions];
  }

  get positions(): readonly NamedPosition[] {
    return this.#positions;
  }

  get labels(): readonly string[] {
    return this.#positions.map(({ label }) => label);
  }

  /** All those that some position moves. */
  get axes(): readonly Axis[] {
    return [...new Set(this.#positions.flatMap(({ targets }) => targets.map(({ axis }) => axis)))];
  }

  /** Label of the first position whose targets are all reached, as far as was read; else `unknown`. */
  get position(): string {
    const reached = this.#positions.find(({ targets }) => targets.every(isReached));
    return reached?.label ?? "unknown";
  }

  /** MOVING as soon as one of the axes moves, READY when all are. */
  get state(): AxisState {
    return this.#group.state;
  }

  get isMoving(): boolean {
    return this.#group.isMoving;
  }

  /** Asks the axes where they are. */
  async readPosition(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    await Promise.all(this.axes.map((axis) => axis.readPosition(options)));
    return this.position;
  }

  /**
   * Moves the axes to a position. Axes that move one after the other are waited for in any case.
   *
   * @throws UnknownPositionError, and else as `moveTogether`: everything is checked before anything moves
   */
  async move(label: string, { signal, wait = true }: MotionOptions = {}): Promise<void> {
    const targets = this.#named(label).targets.map(({ axis, destination }) => [axis, destination] as const);
    if (this.simultaneous) return await new AxisGroup(targets.map(([axis]) => axis)).move(targets, { signal, wait });
    checkTrajectory(targets.map(([axis, destination]) => [axis, [axis.targetOf(destination)]]));
    for (const [axis, destination] of targets) await axis.move(destination, { signal });
  }

  /** Stops the axes; resolves at rest. */
  async stop(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#group.stop(options);
  }

  /** Resolves when the axes are at rest. @throws what went wrong in a move that nobody has waited for */
  async waitMove(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    await this.#group.waitMove(options);
  }

  /** Calls `listener` with each new label, `unknown` on the way. Returns the way out. */
  onPosition(listener: (label: string) => void): () => void {
    if (this.#listeners.size === 0) this.#follow();
    const leave = this.#listeners.add(listener);
    return () => {
      leave();
      if (this.#listeners.size === 0) this.#leave();
    };
  }

  /** Adds a position: without targets, where all axes are now. @throws ArgumentError when there is one of the label */
  async add(
    label: string,
    { description, targets = this.#here(this.axes) }: Partial<NamedPosition> = {},
  ): Promise<void> {
    const position = { label, description, targets };
    this.#check(position, this.#positions);
    await this.#change([...this.#positions, position]);
  }

  /** Changes a position: without targets, its axes have to be where they are now. @throws UnknownPositionError, ArgumentError */
  async update(label: string, { description, targets }: Partial<Omit<NamedPosition, "label">> = {}): Promise<void> {
    const known = this.#named(label);
    const position = {
      label,
      description: description ?? known.description,
      targets: targets ?? known.targets.map((target) => ({ ...target, destination: target.axis.position })),
    };
    this.#check(position, []);
    await this.#change(this.#positions.map((other) => (other === known ? position : other)));
  }

  /** @throws UnknownPositionError; ArgumentError for the last one */
  async remove(label: string): Promise<void> {
    const known = this.#named(label);
    if (this.#positions.length === 1) {
      throw new ArgumentError("label", `${label} is the only position of ${this.name}: expected to leave one`);
    }
    await this.#change(this.#positions.filter((position) => position !== known));
  }

  toString(): string {
    return `MultiplePositions(${this.name}, position=${this.position})`;
  }

  /** The positions and where the axes are, for people. */
  info(): string {
    const here = this.position;
    const rows = this.#positions.map(({ label, description = "", targets }) => [
      label === here ? "*" : "",
      label,
      description,
      targets.map(targetText).join(", "),
    ]);
    const all = [["", "LABEL", "DESCRIPTION", "MOTOR POSITION(S)"], ...rows];
    const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
    const lines = all.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    const axes = this.axes.map((axis) => `${axis.name} = ${withUnit(axis, axis.position)}`);
    return [`${this.name}: ${here}`, ...lines, ...axes].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.info();
  }

  get #group(): AxisGroup {
    return new AxisGroup(this.axes);
  }

  #named(label: string): NamedPosition {
    const position = this.#positions.find((other) => other.label === label);
    if (position) return position;
    throw new UnknownPositionError(this.name, label, this.labels);
  }

  #check({ label, targets }: NamedPosition, others: readonly NamedPosition[]): void {
    const { name } = this;
    if (label === "" || label === "unknown") {
      throw new ArgumentError("label", `a position of ${name} is called "${label}"; expected a name, and not unknown`);
    }
    if (others.some((other) => other.label === label)) {
      throw new ArgumentError("label", `${name} has a position ${label} already: expected another label, or update()`);
    }
    if (targets.length === 0) {
      throw new ArgumentError("targets", `${label} of ${name} has no targets: expected at least one axis`);
    }
    for (const [index, { axis, destination, tolerance = 0 }] of targets.entries()) {
      if (targets.findIndex((target) => target.axis === axis) !== index) {
        throw new ArgumentError("targets", `${label} of ${name} has ${axis.name} twice: expected each axis once`);
      }
      if (Number.isFinite(destination) && tolerance >= 0) continue;
      const given = `destination ${destination} and tolerance ${tolerance}`;
      throw new ArgumentError(
        "targets",
        `${axis.name} in ${label} of ${name} has ${given}; expected finite numbers, a tolerance of at least 0`,
      );
    }
  }

  #here(axes: readonly Axis[]): readonly PositionTarget[] {
    return axes.map((axis) => ({ axis, destination: axis.position }));
  }

  async #change(positions: readonly NamedPosition[]): Promise<void> {
    this.#positions = positions;
    if (this.#listeners.size > 0) {
      this.#leave();
      this.#follow();
    }
    await this.#save?.(positions);
  }

  #follow(): void {
    this.#told = this.position;
    this.#unfollow = this.axes.map((axis) => axis.onPosition(() => this.#tell()));
  }

  #leave(): void {
    for (const leave of this.#unfollow) leave();
    this.#unfollow = [];
  }

  #tell(): void {
    const { position } = this;
    if (position === this.#told) return;
    this.#told = position;
    this.#listeners.notify(position);
  }
}

function isReached({ axis, destination, tolerance = axis.tolerance }: PositionTarget): boolean {
  const target = axis.targetOf(destination);
  return Math.abs(axis.position - target) <= Math.max(tolerance, 1e-9 * Math.max(1, Math.abs(target)));
}

function targetText({ axis, destination, tolerance = axis.tolerance }: PositionTarget): string {
  return `${axis.name}: ${positionText(axis, destination)} (± ${withUnit(axis, tolerance)})`;
}

function withUnit(axis: Axis, value: number): string {
  return `${positionText(axis, value)}${axis.unit ? ` ${axis.unit}` : ""}`;
}
