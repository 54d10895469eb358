import { AxisState, Trajectory } from "@beamtime/motion";

/** One motor of the simulated controller, in steps: where it is at any time. */
export class SimulatedMotor {
  velocity = 1;
  acceleration = 1;
  /** End switches, in steps. */
  limits: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  #trajectory: Trajectory;
  #fault: string | undefined;

  constructor(position: number) {
    this.#trajectory = Trajectory.rest(position);
  }

  positionAt(time: number): number {
    return this.#trajectory.positionAt(time);
  }

  stateAt(time: number): AxisState {
    if (this.#fault !== undefined) return new AxisState([["FAULT", this.#fault]]);
    if (this.#isMoving(time)) return AxisState.moving;
    const position = this.positionAt(time);
    if (position <= this.limits[0]) return new AxisState(["READY", "LIMNEG"]);
    if (position >= this.limits[1]) return new AxisState(["READY", "LIMPOS"]);
    return AxisState.ready;
  }

  /** Why it cannot start now, if so. */
  obstacle(time: number): string | undefined {
    if (this.#fault !== undefined) return `is in fault: ${this.#fault}`;
    return this.#isMoving(time) ? "is moving already" : undefined;
  }

  /** Where it stands when its motion has ended. */
  get restPosition(): number {
    return this.#trajectory.target;
  }

  /** Stands elsewhere from now on. */
  place(position: number): void {
    this.#trajectory = Trajectory.rest(position);
  }

  /** Goes towards `target`, at most up to an end switch. */
  start(target: number, time: number): void {
    const [low, high] = this.limits;
    const reachable = Math.min(Math.max(target, low), high);
    this.#trajectory = Trajectory.move(this.positionAt(time), reachable, this, time);
  }

  /** Decelerates from whatever it does. */
  brake(time: number): void {
    if (!this.#isMoving(time)) return;
    const velocity = this.#trajectory.velocityAt(time);
    this.#trajectory = Trajectory.brake(this.positionAt(time), velocity, this.acceleration, time);
  }

  /** Stands still at once, and answers nothing but its fault. */
  breakDown(fault: string, time: number): void {
    this.#trajectory = Trajectory.rest(this.positionAt(time));
    this.#fault = fault;
  }

  repair(): void {
    this.#fault = undefined;
  }

  /** A billionth of a second counts as arrived: a clock may be off by a rounding. */
  #isMoving(time: number): boolean {
    return time < this.#trajectory.end - 1e-9;
  }
}
