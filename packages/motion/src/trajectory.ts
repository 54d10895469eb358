/** A piece of constant acceleration. */
interface Segment {
  readonly start: number;
  readonly position: number;
  readonly velocity: number;
  readonly acceleration: number;
}

/** Limits of a motion, both positive, in units/s and units/s². */
export interface Dynamics {
  readonly velocity: number;
  readonly acceleration: number;
}

/**
 * A motion along a line as a function of time: where something is, and how fast it moves, at any instant.
 * Before `start` it stands at the beginning, after `end` at `target`.
 */
export class Trajectory {
  /** Time of the start, s. */
  readonly start: number;
  /** Time of arrival, s. */
  readonly end: number;
  /** Where it ends. */
  readonly target: number;
  readonly #segments: readonly Segment[];

  private constructor(segments: readonly Segment[], start: number, end: number, target: number) {
    this.#segments = segments;
    this.start = start;
    this.end = end;
    this.target = target;
  }

  /** Something that stays where it is. */
  static rest(position: number): Trajectory {
    return new Trajectory([], 0, 0, position);
  }

  /**
   * From rest to rest: accelerates, goes on at the velocity, decelerates; where the way is too short for the velocity,
   * accelerates half of it and decelerates the other half.
   *
   * @param at time of the start, s
   */
  static move(from: number, to: number, dynamics: Dynamics, at = 0): Trajectory {
    const distance = Math.abs(to - from);
    const direction = Math.sign(to - from);
    const peak = Math.min(dynamics.velocity, Math.sqrt(distance * dynamics.acceleration));
    if (!(peak > 0)) return new Trajectory([], at, at, to);
    const velocity = direction * peak;
    const acceleration = direction * dynamics.acceleration;
    const rampTime = peak / dynamics.acceleration;
    const ramp = (velocity * rampTime) / 2;
    const cruiseTime = Math.max(0, distance / peak - rampTime);
    const end = at + 2 * rampTime + cruiseTime;
    return new Trajectory(
      [
        { start: at, position: from, velocity: 0, acceleration },
        { start: at + rampTime, position: from + ramp, velocity, acceleration: 0 },
        { start: end - rampTime, position: to - ramp, velocity, acceleration: -acceleration },
      ],
      at,
      end,
      to,
    );
  }

  /** From a velocity (signed) down to rest, as fast as the acceleration allows. */
  static brake(from: number, velocity: number, acceleration: number, at = 0): Trajectory {
    const time = Math.abs(velocity) / acceleration;
    const segment = { start: at, position: from, velocity, acceleration: -Math.sign(velocity) * acceleration };
    return new Trajectory([segment], at, at + time, from + (velocity * time) / 2);
  }

  /** Seconds from start to end. */
  get duration(): number {
    return this.end - this.start;
  }

  /** Position at a time. */
  positionAt(time: number): number {
    const segment = this.#segmentAt(time);
    if (!segment) return this.target;
    const elapsed = Math.max(0, time - segment.start);
    return segment.position + segment.velocity * elapsed + (segment.acceleration * elapsed * elapsed) / 2;
  }

  /** Velocity at a time, signed; 0 before the start and after the end. */
  velocityAt(time: number): number {
    const segment = this.#segmentAt(time);
    if (!segment || time < this.start) return 0;
    return segment.velocity + segment.acceleration * (time - segment.start);
  }

  #segmentAt(time: number): Segment | undefined {
    if (time >= this.end) return undefined;
    let found = this.#segments[0];
    for (const segment of this.#segments) {
      if (segment.start <= time) found = segment;
    }
    return found;
  }
}
