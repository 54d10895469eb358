import { AxisFaultError, type AxisFlag, AxisState, type SearchDirection, Trajectory } from "@beamtime/motion";

/** What a simulated motor is made of; all in steps of its controller. */
export interface SimulatedMotorOptions {
  /** Where it stands at first. Default 0. */
  readonly position?: number | undefined;
  /** Where the end switches are. Default: there are none. */
  readonly limits?: readonly [number, number] | undefined;
  /** Where the home switch is. Default: there is none. */
  readonly home?: number | undefined;
  /** From one end of the home switch to the other. Default 1. */
  readonly homeWidth?: number | undefined;
  /** How far the motor turns before the mechanics follow when it turns round. Default 0. */
  readonly play?: number | undefined;
}

/**
 * One motor of the simulated controller: where it is at any time.
 *
 * Its switches stay where they are when steps are counted from elsewhere. What is driven lags behind by half the play, and
 * does not get the steps that the motor has lost.
 */
export class SimulatedMotor {
  /** Of the next motions, in steps/s. */
  velocity = 1;
  /** Of the next motions, in steps/s². */
  acceleration = 1;
  /** Seconds that a stop takes at least. */
  stopTime = 0;
  /** What its controller counts where the motor has 0. */
  #origin = 0;
  readonly #limits: readonly [number, number];
  readonly #home: number | undefined;
  readonly #homeWidth: number;
  readonly #play: number;
  #trajectory: Trajectory;
  #isJogging = false;
  #fault: string | undefined;
  #isOn = true;
  /** Where what is driven was at `#loadTime`. */
  #load: number;
  #loadTime = Number.NEGATIVE_INFINITY;
  #lost = 0;

  readonly #address: string;

  constructor(address: string, options: SimulatedMotorOptions = {}) {
    this.#address = address;
    const { position = 0, limits = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] } = options;
    this.#limits = limits;
    this.#home = options.home;
    this.#homeWidth = options.homeWidth ?? 1;
    this.#play = options.play ?? 0;
    this.#trajectory = Trajectory.rest(position);
    this.#load = position;
  }

  /** What its controller counts. */
  positionAt(time: number): number {
    return this.#trajectory.positionAt(time) + this.#origin;
  }

  /** Where what it drives is, in steps from a place of its own. */
  loadAt(time: number): number {
    this.#drag(time);
    return this.#load - this.#lost;
  }

  stateAt(time: number): AxisState {
    if (this.#fault !== undefined) return new AxisState([["FAULT", this.#fault]]);
    if (this.isMoving(time)) return AxisState.moving;
    const position = this.#trajectory.positionAt(time);
    const [low, high] = this.#limits;
    const flags: AxisFlag[] = [this.#isOn ? "READY" : "OFF"];
    if (position <= low) flags.push("LIMNEG");
    if (position >= high) flags.push("LIMPOS");
    if (this.#isHome(position)) flags.push("HOME");
    return new AxisState(flags);
  }

  /** Why it cannot start now, if so. */
  obstacle(time: number): string | undefined {
    if (this.#fault !== undefined) return `is in fault: ${this.#fault}`;
    if (!this.#isOn) return "has no power: switch it on first";
    return this.isMoving(time) ? "is moving already: stop it, or wait for its end" : undefined;
  }

  /** A billionth of a second counts as arrived: a clock may be off by a rounding. */
  isMoving(time: number): boolean {
    return time < this.#trajectory.end - 1e-9;
  }

  isJogging(time: number): boolean {
    return this.#isJogging && this.isMoving(time);
  }

  /** Where it stands when its motion has ended; infinite when it does not end by itself. */
  get restPosition(): number {
    return this.#trajectory.target + this.#origin;
  }

  /** Its motion, in what the controller counts less `origin`. */
  get trajectory(): Trajectory {
    return this.#trajectory;
  }

  get origin(): number {
    return this.#origin;
  }

  /** Counts from elsewhere; nothing moves. */
  recount(position: number, time: number): void {
    this.#origin = position - this.#trajectory.positionAt(time);
  }

  /** Stands elsewhere from now on: somebody else has moved it. */
  place(position: number, time: number): void {
    this.#drag(time);
    const moved = position - this.positionAt(time);
    this.#go(Trajectory.rest(position - this.#origin), time);
    this.#load += moved;
  }

  /** Goes to a position; when an end switch is in between, it hits that at full speed and stands dead. */
  start(target: number, time: number): void {
    this.#go(this.#upToSwitch(Trajectory.move(this.#at(time), target - this.#origin, this, time)), time);
  }

  /** Goes on and on with a velocity, or changes to it. */
  jog(velocity: number, time: number): void {
    const before = this.#trajectory.velocityAt(time);
    const jog = Trajectory.jog(this.#at(time), before, velocity, this.acceleration, time);
    this.#go(this.#upToSwitch(jog), time);
    this.#isJogging = true;
  }

  /** Runs into an end switch. @throws AxisFaultError when there is none */
  searchLimit(direction: SearchDirection, time: number): void {
    if (!Number.isFinite(this.#limits[direction === 1 ? 1 : 0])) {
      throw this.#lack("end switch there", "limits", direction === 1 ? "hardware_high_limit" : "hardware_low_limit");
    }
    this.#go(this.#runTo(direction, this.#at(time), time), time);
  }

  /** Goes to the home switch; when that is on the other side, it turns round at the end switch. @throws AxisFaultError when there is none */
  searchHome(direction: SearchDirection, time: number): void {
    if (this.#home === undefined) throw this.#lack("home switch", "home", "home_position");
    const from = this.#at(time);
    if (this.#isHome(from)) return;
    const isAhead = (this.#home - from) * direction > 0;
    const out = isAhead ? Trajectory.rest(from) : this.#runTo(direction, from, time);
    const start = isAhead ? time : out.end;
    if (!Number.isFinite(start)) this.#go(out, time);
    else this.#go(out.followedBy(this.#upToSwitch(Trajectory.move(out.target, this.#home, this, start), start)), time);
  }

  /** Decelerates from whatever it does. */
  brake(time: number): void {
    if (!this.isMoving(time)) return;
    const velocity = this.#trajectory.velocityAt(time);
    const acceleration = Math.min(this.acceleration, Math.abs(velocity) / this.stopTime);
    if (velocity === 0) this.#go(Trajectory.rest(this.#at(time)), time);
    else this.#go(this.#upToSwitch(Trajectory.brake(this.#at(time), velocity, acceleration, time)), time);
  }

  /** Takes the power away, or gives it back. Without power it stands at once. */
  power(isOn: boolean, time: number): void {
    if (!isOn) this.#stand(time);
    this.#isOn = isOn;
  }

  /** Stands still at once, and answers nothing but its fault. */
  breakDown(fault: string, time: number): void {
    this.#stand(time);
    this.#fault = fault;
  }

  repair(): void {
    this.#fault = undefined;
  }

  /** What it drives stays behind by so many steps, which its controller has counted. */
  lose(steps: number): void {
    this.#lost += steps;
  }

  #at(time: number): number {
    return this.#trajectory.positionAt(time);
  }

  #isHome(position: number): boolean {
    return this.#home !== undefined && Math.abs(position - this.#home) <= this.#homeWidth / 2;
  }

  #lack(what: string, option: keyof SimulatedMotorOptions, key: string): AxisFaultError {
    const address = this.#address;
    const means = `the key ${key} of its configuration or the option ${option} of addMotor`;
    return new AxisFaultError(address, `${address} has no ${what}: expected one, by ${means}`);
  }

  #stand(time: number): void {
    this.#go(Trajectory.rest(this.#at(time)), time);
  }

  #go(trajectory: Trajectory, time: number): void {
    this.#drag(time);
    this.#trajectory = trajectory;
    this.#isJogging = false;
  }

  #runTo(direction: SearchDirection, from: number, time: number): Trajectory {
    return this.#upToSwitch(Trajectory.jog(from, 0, direction * this.velocity, this.acceleration, time), time);
  }

  /** A motion up to the first end switch that it runs into. */
  #upToSwitch(trajectory: Trajectory, time = trajectory.start): Trajectory {
    const [low, high] = this.#limits;
    const start = trajectory.positionAt(time);
    const hits = [
      { direction: 1, at: Math.max(start, high), time: trajectory.timeOf(Math.max(start, high), 1) },
      { direction: -1, at: Math.min(start, low), time: trajectory.timeOf(Math.min(start, low), -1) },
    ].flatMap((hit) => (hit.time === undefined ? [] : [{ ...hit, time: hit.time }]));
    const first = hits.sort((a, b) => a.time - b.time)[0];
    return first ? trajectory.cut(first.time, first.at) : trajectory;
  }

  /** Lets what is driven follow the motor up to now, with the play between them. */
  #drag(time: number): void {
    const half = this.#play / 2;
    const times = this.#trajectory.times.filter((passed) => passed > this.#loadTime && passed < time);
    for (const passed of [...times, time]) {
      const position = this.#trajectory.positionAt(passed);
      this.#load = Math.min(Math.max(this.#load, position - half), position + half);
    }
    this.#loadTime = time;
  }
}
