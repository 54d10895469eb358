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

  /**
   * Without end: from a velocity to another one (both signed) with the acceleration, and on. `target` and `end` are infinite,
   * unless the second velocity is 0.
   */
  static jog(from: number, before: number, velocity: number, acceleration: number, at = 0): Trajectory {
    if (velocity === 0) return Trajectory.brake(from, before, acceleration, at);
    const turns = before * velocity < 0;
    const braking = turns ? Trajectory.brake(from, before, acceleration, at) : undefined;
    const [begin, start, first] = braking ? [braking.end, braking.target, 0] : [at, from, before];
    const ramp = Math.abs(velocity - first) / acceleration;
    const last: Segment = {
      start: begin + ramp,
      position: start + ((first + velocity) / 2) * ramp,
      velocity,
      acceleration: 0,
    };
    const change: Segment = {
      start: begin,
      position: start,
      velocity: first,
      acceleration: Math.sign(velocity - first) * acceleration,
    };
    const segments = [...(braking ? braking.#segments : []), ...(ramp > 0 ? [change] : []), last];
    return new Trajectory(segments, at, Number.POSITIVE_INFINITY, velocity * Number.POSITIVE_INFINITY);
  }

  /** Seconds from start to end. */
  get duration(): number {
    return this.end - this.start;
  }

  /** Times from start to end between which the acceleration does not change, nor the direction. */
  get times(): readonly number[] {
    return [...this.#segments.map(({ start }) => start), this.end];
  }

  /** This motion, but it stands dead at a time. @param position where that is, when it is known exactly */
  cut(time: number, position = this.positionAt(time)): Trajectory {
    if (time >= this.end) return this;
    const segments = this.#segments.filter(({ start }) => start < time);
    return new Trajectory(segments, Math.min(this.start, time), time, position);
  }

  /** This motion and then another one, which begins where and when this one ends. */
  followedBy(next: Trajectory): Trajectory {
    return new Trajectory([...this.#segments, ...next.#segments], this.start, next.end, next.target);
  }

  /**
   * When it first passes a position in a direction, or begins or ends there; `undefined` when it does not.
   *
   * @param after the time from which on, s; default: from the start
   */
  timeOf(position: number, direction: 1 | -1, after = this.start): number | undefined {
    for (const [index, segment] of this.#segments.entries()) {
      const next = this.#segments[index + 1];
      const until = next?.start ?? this.end;
      if (until < after) continue;
      const from = Math.max(segment.start, after);
      const begin = from === segment.start ? segment.position : this.positionAt(from);
      const end = next?.position ?? this.target;
      const way = direction * (position - begin);
      if (way < 0 || direction * (end - position) < 0 || begin === end) continue;
      if (position === end) return until;
      const velocity = segment.velocity + segment.acceleration * (from - segment.start);
      const there = Math.sqrt(Math.max(0, velocity * velocity + 2 * segment.acceleration * (position - begin)));
      const sum = Math.abs(velocity) + there; // of one sign: the root without cancellation
      return Math.min(until, from + (sum > 0 ? (2 * way) / sum : 0));
    }
    return undefined;
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
