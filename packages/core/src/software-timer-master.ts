import { ArgumentError } from "@beamtime/errors";
import { AcquisitionChannel } from "./acquisition-channel.js";
import type { AcquisitionContext } from "./acquisition-context.js";
import { AcquisitionMaster } from "./acquisition-master.js";

export interface SoftwareTimerOptions {
  /** Default `timer`. */
  readonly name?: string;
  /** Points; 0 = until stopped. Default 1. */
  readonly npoints?: number;
  /** Seconds to pause before every point but the first. Default 0. */
  readonly sleepTime?: number;
}

/**
 * Triggers its slaves and lets each point last at least the count time.
 *
 * Channels: `timer:elapsed_time` (s, monotonic, since the first trigger) and `timer:epoch` (s since 1970).
 *
 * @see BLISS `bliss/scanning/acquisition/timer.py`, class `SoftwareTimerMaster`
 */
export class SoftwareTimerMaster extends AcquisitionMaster {
  /** Seconds. */
  readonly countTime: number;
  readonly sleepTime: number;
  readonly #elapsed: AcquisitionChannel;
  readonly #epoch: AcquisitionChannel;
  #index = 0;
  #origin: number | undefined;

  constructor(countTime: number, { name = "timer", npoints = 1, sleepTime = 0 }: SoftwareTimerOptions = {}) {
    super({ name, npoints });
    this.countTime = secondsOf("countTime", countTime);
    this.sleepTime = secondsOf("sleepTime", sleepTime);
    this.#elapsed = new AcquisitionChannel(`${name}:elapsed_time`, "float64", [], { unit: "s" });
    this.#epoch = new AcquisitionChannel(`${name}:epoch`, "float64", [], { unit: "s" });
    this.channels.push(this.#elapsed, this.#epoch);
  }

  override *iterations(): Iterable<number> {
    for (this.#index = 0; this.npoints === 0 || this.#index < this.npoints; this.#index++) yield this.#index;
  }

  /** Below a master that outlives it, the timer counts from 0 each time its own iterations start anew. */
  prepare(): void {
    if (this.#index === 0) this.#origin = undefined;
  }

  start(context: AcquisitionContext): void | Promise<void> {
    if (!this.parent) return this.trigger(context);
  }

  override async trigger(context: AcquisitionContext): Promise<void> {
    const { clock, signal } = context;
    if (this.sleepTime > 0 && this.#origin !== undefined) await clock.sleep(this.sleepTime, { signal });
    const now = clock.now();
    const epoch = clock.epoch();
    this.#origin ??= now;
    this.triggerSlaves(context);
    this.#elapsed.emit(now - this.#origin);
    this.#epoch.emit(epoch);
    await this.waitSlaves(context);
    const left = now + this.countTime - clock.now();
    if (left > 0) await clock.sleep(left, { signal });
  }

  stop(): void {}
}

function secondsOf(argument: string, value: number): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new ArgumentError(argument, `${argument} is ${value}; expected seconds, 0 or more`);
}
