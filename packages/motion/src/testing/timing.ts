import { Trajectory } from "../trajectory.js";
import type { CheckedMotor, Look, Span } from "./checked-motor.js";
import { UnseenMotionError } from "./conformance-error.js";

/** How often something is tried again that came too late on a busy machine. */
const attempts = 4;

/**
 * Follows a motion and compares the time of its end with what the dynamics give. Nothing is assumed of how long calls take:
 * each thing happened between two readings of the clock.
 */
export async function expectDuration(
  motor: CheckedMotor,
  departure: Span,
  seconds: number,
  how: string,
): Promise<Look> {
  const { slack, late, pollingTime } = motor.setup;
  const early = seconds * slack + (slack > 0.01 ? 0.05 : 1e-6);
  await motor.waitUntil(departure.before + 0.9 * seconds - 2 * early);
  for (;;) {
    const look = await motor.look();
    const took = (from: number, to: number): string => `${(to - from).toFixed(4)} s after startMove`;
    const expected = `${seconds.toFixed(4)} s ${how}`;
    if (look.state.has("MOVING")) {
      if (look.stateAt.before > departure.after + seconds + late) {
        throw motor.wrong(`it still moved ${took(departure.after, look.stateAt.before)}`, expected);
      }
    } else {
      if (look.stateAt.after < departure.before + seconds - early) {
        throw motor.wrong(`it was at rest ${took(departure.before, look.stateAt.after)}`, expected);
      }
      return look;
    }
    await motor.wait(Math.min(pollingTime, Math.max(1e-6, departure.after + seconds + late / 2 - motor.now)));
  }
}

/**
 * Measures in flight how fast something goes at constant speed, and compares.
 *
 * @param from when it has its velocity for certain
 * @param until when it still has it for certain
 * @returns false when the machine was too busy to see it
 */
export async function expectVelocity(
  motor: CheckedMotor,
  velocity: number,
  from: number,
  until: number,
): Promise<boolean> {
  const { slack, tolerance } = motor.setup;
  const pause = (until - from) * 0.1;
  await motor.waitUntil(from + pause);
  const first = await motor.look();
  await motor.waitUntil(until - 3 * pause);
  const second = await motor.look();
  if (second.positionAt.after > until) return false;
  const way = second.position - first.position;
  const shortest = second.positionAt.before - first.positionAt.after;
  const longest = second.positionAt.after - first.positionAt.before;
  if (!(shortest > 0)) return false;
  const room = (2 * tolerance) / longest + Math.abs(velocity) * slack;
  const [slowest, fastest] = [way / longest, way / shortest].sort((a, b) => a - b) as [number, number]; // there are two
  if (fastest < velocity - room || slowest > velocity + room) {
    throw motor.wrong(
      `it went ${way.toFixed(3)} steps in ${longest.toFixed(4)} s, ${slowest.toFixed(3)} to ${fastest.toFixed(3)} steps/s`,
      `${velocity} steps/s`,
    );
  }
  return true;
}

/**
 * Stops an axis that goes at a velocity, and compares where it comes to rest with what its braking distance allows.
 *
 * @param deadline after which it could have ended by itself
 * @returns undefined when the machine was too busy to stop it in time
 */
export async function expectBraking(
  motor: CheckedMotor,
  velocity: number,
  deadline: number,
  stop: () => Promise<unknown>,
): Promise<Look | undefined> {
  const { setup } = motor;
  const { acceleration, tolerance, slack } = setup;
  const direction = Math.sign(velocity);
  const seen = await motor.look();
  await stop();
  const stopped = motor.now;
  if (stopped > deadline) return undefined;
  const brake = Trajectory.brake(0, velocity, acceleration);
  const rest = await motor.rest(brake.duration, "stop");
  const before = direction * seen.position - tolerance;
  const way = Math.abs(velocity) * (stopped - seen.positionAt.before) + Math.abs(brake.target);
  const beyond = direction * seen.position + way * (1 + 3 * slack) + tolerance;
  const found = direction * rest.position;
  if (found < before || found > beyond) {
    throw motor.wrong(
      `it came to rest at ${rest.position}, after it was seen at ${seen.position} and then stopped`,
      `rest within ${way.toFixed(3)} steps from there, its way until the stop and its braking distance`,
    );
  }
  await motor.expectStanding(rest.position, "after a stop");
  return rest;
}

/**
 * Does something until it was seen in time.
 *
 * @param attempt tells whether it was seen, or why not
 * @throws UnseenMotionError when it never was
 */
export async function untilSeen(motor: CheckedMotor, attempt: () => Promise<boolean | string>): Promise<void> {
  let seen: boolean | string = false;
  for (let times = 0; times < attempts; times++) {
    seen = await attempt();
    if (seen === true) return;
  }
  const found = seen === false ? "its motions were over before they could be looked at" : seen;
  const { message } = motor.wrong(
    `${found}, ${attempts} times`,
    "motions that take longer than the calls: when the calls are as they should be, give the checks a longer range or less velocity",
  );
  throw new UnseenMotionError(message);
}
