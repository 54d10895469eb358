import { within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { AxisState } from "../axis-state.js";
import type { ControllerCallOptions, MotorController } from "../motor-controller.js";
import { Trajectory } from "../trajectory.js";
import type { CheckSetup } from "./check-options.js";
import { ConformanceError } from "./conformance-error.js";

/** When something happened: between two readings of the clock. */
export interface Span {
  readonly before: number;
  readonly after: number;
}

/** What an axis said of itself: its state, and then its position. */
export interface Look {
  readonly state: AxisState;
  readonly stateAt: Span;
  readonly position: number;
  readonly positionAt: Span;
}

/** One axis in a check: asks its controller, and says in words what is wrong with the answers. */
export class CheckedMotor {
  readonly controller: MotorController;
  readonly address: string;
  readonly setup: CheckSetup;

  constructor(controller: MotorController, address: string, setup: CheckSetup) {
    this.controller = controller;
    this.address = address;
    this.setup = setup;
  }

  /** For every call. */
  get call(): ControllerCallOptions {
    return { signal: this.setup.signal };
  }

  get now(): number {
    return this.setup.clock.now();
  }

  /** What a call answers. @throws ConformanceError when it throws, or does not answer in time */
  async ask<T>(call: string, answer: Promise<T> | undefined): Promise<T> {
    const { clock, answerTime, signal } = this.setup;
    const late = (): Error => this.wrong(`${call} did not answer within ${answerTime} s`, "an answer, or an error");
    try {
      if (!answer) throw new ConformanceError("it is not there any more");
      return await within(answerTime, answer, { clock, signal, late });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ConformanceError) throw error;
      throw this.wrong(`${call} threw: ${errorMessage(error)}`, "it to do what it is asked for", { cause: error });
    }
  }

  /** What a call was refused with. @throws ConformanceError when it was not */
  async refusal(call: string, answer: Promise<unknown> | undefined, because: string): Promise<unknown> {
    const { clock, answerTime, signal } = this.setup;
    const late = (): Error => new ConformanceError("late");
    const outcome = await within(
      answerTime,
      (answer ?? Promise.resolve()).then(
        () => undefined,
        (error: unknown) => ({ error }),
      ),
      { clock, signal, late },
    ).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw this.wrong(`${call} did not answer within ${answerTime} s`, `it to throw, because ${because}`, {
        cause: error,
      });
    });
    if (!outcome) throw this.wrong(`${call} went well`, `it to throw, because ${because}`);
    return outcome.error;
  }

  /** What is wrong, with what was expected. */
  wrong(found: string, expected: string, options?: { cause?: unknown }): ConformanceError {
    const { controller, address } = this;
    return new ConformanceError(`axis ${address} of ${controller.name}: ${found}; expected ${expected}`, options);
  }

  async position(): Promise<number> {
    const position = await this.ask("readPosition", this.controller.readPosition(this.address, this.call));
    if (Number.isFinite(position)) return position;
    throw this.wrong(`readPosition answered ${position}`, "a finite number of steps");
  }

  state(): Promise<AxisState> {
    return this.ask("readState", this.controller.readState(this.address, this.call));
  }

  async look(): Promise<Look> {
    const [stateAt, state] = await this.#timed(() => this.state());
    const [positionAt, position] = await this.#timed(() => this.position());
    return { state, stateAt, position, positionAt };
  }

  /** Seconds that a motion of the distance takes. */
  duration(distance: number, dynamics: { velocity: number; acceleration: number } = this.setup): number {
    return Trajectory.move(0, distance, dynamics).duration;
  }

  /** Starts a motion, and says when. */
  async start(target: number): Promise<Span> {
    return (await this.#timed(() => this.ask("startMove", this.#startMove(target))))[0];
  }

  /** Goes somewhere and waits for the end, whatever comes out. Returns what it says then. */
  async go(target: number): Promise<Look> {
    const distance = Math.abs(target - (await this.position()));
    await this.start(target);
    return this.rest(this.duration(distance), `startMove sent it ${distance} steps away`);
  }

  /** Goes somewhere. @throws ConformanceError when it does not arrive */
  async reach(target: number): Promise<Look> {
    const look = await this.go(target);
    this.expectAt(target, look.position, "came to rest");
    return look;
  }

  /**
   * Waits until it does not move. Without an exact clock it may take half as long again.
   * @param since what has made it move, for the message
   */
  async rest(seconds: number, since: string): Promise<Look> {
    const { late, slack, pollingTime } = this.setup;
    const span = seconds * (1 + 5 * slack) + Math.max(late, 2 * pollingTime);
    const until = this.now + span;
    for (;;) {
      const look = await this.look();
      if (!look.state.has("MOVING")) return look;
      if (look.stateAt.before > until) {
        throw this.wrong(
          `readState still tells ${look.state.toString()} ${span.toFixed(2)} s after ${since}`,
          "rest by then",
        );
      }
      await this.wait(pollingTime);
    }
  }

  /** @throws ConformanceError when a position is not the one expected */
  expectAt(expected: number, found: number, what: string, tolerance = this.setup.tolerance): void {
    if (Math.abs(found - expected) <= tolerance) return;
    throw this.wrong(`it ${what} at ${found}`, `${expected} within ${tolerance} steps`);
  }

  /** @throws ConformanceError unless it stays where it is for a while */
  async expectStanding(position: number, since: string): Promise<void> {
    for (let times = 0; times < 4; times++) {
      await this.wait(0.05);
      const look = await this.look();
      if (look.state.has("MOVING")) throw this.wrong(`it moves ${since}`, "it to stand still");
      this.expectAt(position, look.position, `is no more at ${position} but, ${since},`);
    }
  }

  wait(seconds: number): Promise<void> {
    return this.setup.clock.sleep(seconds, this.call);
  }

  /** Waits until a time of the clock. */
  waitUntil(time: number): Promise<void> {
    return this.wait(Math.max(0, time - this.now));
  }

  async #startMove(target: number): Promise<void> {
    await this.controller.startMove([{ address: this.address, target }], this.call);
  }

  async #timed<T>(ask: () => Promise<T>): Promise<readonly [Span, T]> {
    const before = this.now;
    const answer = await ask();
    return [{ before, after: this.now }, answer];
  }
}
