import { Gate } from "@beamtime/concurrency";
import {
  type AcquisitionChannel,
  type AcquisitionContext,
  type AcquisitionObjectOptions,
  AcquisitionSlave,
  type ScanInfo,
} from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { CountingParameters } from "./counter.js";
import { CounterError } from "./counter-error.js";
import type { CounterPoints, IntegratingController, IntegratingCounter } from "./integrating-counter.js";

/** Seconds between two questions for a point that should just be there. */
const shortestPoll = 1e-3;

export interface IntegratingCounterAcquisitionSlaveOptions
  extends CountingParameters,
    Pick<AcquisitionObjectOptions, "triggerType"> {
  /** Most seconds between two questions for new points. Default 0.02. */
  readonly pollInterval?: number;
}

/**
 * Fetches the points of integrating counters of one controller as the device has them, and emits them.
 *
 * Where software triggers it, it asks when count time and dead time of a point are over, then more and more rarely, and is ready again
 * when that point has been emitted.
 *
 * @see BLISS `bliss/scanning/acquisition/counter.py`, class `IntegratingCounterAcquisitionSlave`
 */
export class IntegratingCounterAcquisitionSlave extends AcquisitionSlave {
  readonly #counters: readonly IntegratingCounter[];
  readonly #controller: IntegratingController;
  readonly #parameters: CountingParameters;
  readonly #pollInterval: number;
  /** Open while no triggered point is missing. */
  readonly #idle = new Gate({ open: true });
  /** Open while there is a reason to ask. */
  readonly #due = new Gate();
  readonly #ending = new AbortController();
  #triggered = 0;
  #emitted = 0;
  /** When the point of the last trigger should be there. */
  #expected = 0;

  /** @throws ArgumentError for no counter, or counters of several controllers */
  constructor(counters: readonly IntegratingCounter[], options: IntegratingCounterAcquisitionSlaveOptions) {
    const [first] = counters;
    if (!first) throw new ArgumentError("counters", "no counter: expected at least one");
    const { controller } = first;
    const { countTime, npoints, triggerType = "software", pollInterval = 0.02 } = options;
    super({
      name: controller.name,
      npoints,
      triggerType,
      pointTimeout: longest(countTime) + (controller.deadTime ?? 0) + (controller.pointMargin ?? 10),
      prepareOnce: true,
      startOnce: true,
      devices: [controller, ...counters],
      exclusive: [controller],
    });
    const stranger = counters.find((counter) => counter.controller !== controller);
    if (stranger) {
      const both = `${first.fullname} and ${stranger.fullname}`;
      throw new ArgumentError("counters", `${both} belong to different controllers: expected counters of one`);
    }
    this.#counters = counters;
    this.#controller = controller;
    this.#parameters = { countTime, npoints };
    this.#pollInterval = pollInterval;
    this.channels.push(...counters.map((counter) => counter.createChannel()));
    if (triggerType === "hardware") this.#due.open();
  }

  async prepare({ signal }: AcquisitionContext): Promise<void> {
    await this.#controller.prepareDevice?.(this.#counters, this.#parameters, { signal });
  }

  async start({ signal }: AcquisitionContext): Promise<void> {
    await this.#controller.startDevice?.(this.#counters, { signal });
  }

  override async trigger({ clock, signal }: AcquisitionContext): Promise<void> {
    const { countTime } = this.#parameters;
    const counting = typeof countTime === "number" ? countTime : (countTime[this.#triggered] ?? 0);
    this.#expected = clock.now() + counting + (this.#controller.deadTime ?? 0);
    this.#triggered++;
    this.#idle.close();
    await this.#controller.triggerDevice?.(this.#counters, { signal });
    this.#due.open();
  }

  /** Whether the points of all triggers have been emitted. */
  override triggerReady(): boolean {
    return this.#idle.isOpen;
  }

  override waitReady({ signal }: AcquisitionContext): void | Promise<void> {
    if (!this.#idle.isOpen) return this.#idle.wait({ signal });
  }

  override async reading({ clock, signal }: AcquisitionContext): Promise<void> {
    const until = AbortSignal.any([signal, this.#ending.signal]);
    const pause = async (seconds: number): Promise<void> => {
      if (seconds > 0 && !until.aborted) await clock.sleep(seconds, { signal: until }).catch(() => {});
      signal.throwIfAborted();
    };
    const isSoftware = this.triggerType === "software";
    try {
      while (!this.#isComplete) {
        await this.#due.wait({ signal });
        if (isSoftware) await pause(this.#expected - clock.now());
        const isLast = this.#isStopped;
        this.#emit(await this.#controller.getValues(this.#emitted, this.#counters, { signal }));
        if (isLast) return;
        if (isSoftware && this.#emitted >= this.#triggered) {
          this.#caughtUp();
        } else if (!this.#isComplete) {
          const late = Math.max(clock.now() - this.#expected, shortestPoll);
          await pause(isSoftware ? Math.min(late, this.#pollInterval) : this.#pollInterval);
        }
      }
    } finally {
      this.#idle.open();
      await this.#controller.stopDevice?.(this.#counters, {});
    }
  }

  stop(): void {
    this.#ending.abort();
    this.#due.open();
  }

  override metadata(): ScanInfo {
    return this.#controller.metadata;
  }

  #caughtUp(): void {
    if (!this.#isStopped) this.#due.close();
    this.#idle.open();
  }

  get #isStopped(): boolean {
    return this.#ending.signal.aborted;
  }

  get #isComplete(): boolean {
    return this.npoints > 0 && this.#emitted >= this.npoints;
  }

  /**
   * What a device has beyond the points of the scan, as it got more pulses, is left out.
   *
   * @throws CounterError when the counters have different numbers of points
   */
  #emit(news: readonly CounterPoints[]): void {
    const count = news[0]?.length ?? 0;
    if (news.length !== this.#counters.length || news.some((points) => points.length !== count)) {
      const found = news.map((points) => points.length).join(", ");
      throw new CounterError(
        this.name,
        `${this.name} gave ${found || "no"} points for its ${this.#counters.length} counters; expected as many of each`,
      );
    }
    const wanted = this.npoints > 0 ? Math.min(count, this.npoints - this.#emitted) : count;
    for (const [i, points] of news.entries()) {
      const channel = this.channels[i];
      if (channel) emitAll(channel, wanted < count ? points.slice(0, wanted) : points);
    }
    this.#emitted += wanted;
  }
}

function longest(times: number | readonly number[]): number {
  return typeof times === "number" ? times : times.reduce((most, time) => Math.max(most, time), 0);
}

function emitAll(channel: AcquisitionChannel, points: CounterPoints): void {
  if (points instanceof Float64Array) channel.emit(points);
  else if (isNumbers(points)) channel.emit(points);
  else for (const point of points) channel.emit(point);
}

function isNumbers(points: CounterPoints): points is readonly number[] {
  return typeof points[0] === "number";
}
