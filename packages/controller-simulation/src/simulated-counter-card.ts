import { type Clock, systemClock } from "@beamtime/concurrency";
import type { AcquisitionContext, AcquisitionObject } from "@beamtime/core";
import {
  type Counter,
  CounterError,
  type CounterPoints,
  type CountingParameters,
  IntegratingCounter,
  IntegratingCounterAcquisitionSlave,
  type IntegratingCounterAcquisitionSlaveOptions,
  IntegratingCounterController,
} from "@beamtime/counters";
import { ArgumentError } from "@beamtime/errors";
import type { Axis } from "@beamtime/motion";
import { TriggerLine } from "./trigger-line.js";
import { isTriggerOutput } from "./trigger-output.js";

/**
 * What an input of a counter card makes of its counts. `gate`: those in the count time that follows a trigger. `between`: those since
 * the trigger before, or since it was armed. `latch`: all since it was armed.
 */
export type CounterCardMode = "gate" | "between" | "latch";

export interface CounterCardInputOptions {
  readonly name: string;
  /** Counts per second, always. */
  readonly rate: number;
  /** Default `gate`. */
  readonly mode?: CounterCardMode | undefined;
  readonly unit?: string | undefined;
}

export interface SimulatedCounterCardOptions {
  readonly name: string;
  /** What is plugged into its trigger input. Default nothing. */
  readonly line?: TriggerLine | undefined;
  readonly clock?: Clock | undefined;
}

/** One input of a counter card. */
class CounterCardInput extends IntegratingCounter {
  readonly #rate: number;
  readonly mode: CounterCardMode;

  constructor(card: SimulatedCounterCard, { rate, mode = "gate", ...options }: CounterCardInputOptions) {
    super(card, options);
    this.#rate = rate;
    this.mode = mode;
  }

  /** What it shows for a trigger, in counts. */
  countsOf(
    trigger: number,
    { before, armed, countTime }: { before: number; armed: number; countTime: number },
  ): number {
    const time = { gate: countTime, between: trigger - before, latch: trigger - armed }[this.mode];
    return this.#rate * time;
  }
}

/** A slave that is triggered by the line of its card. */
class PulsedAcquisitionSlave extends IntegratingCounterAcquisitionSlave {
  readonly #plugIn: () => void;

  constructor(
    inputs: readonly IntegratingCounter[],
    options: IntegratingCounterAcquisitionSlaveOptions,
    plugIn: () => void,
  ) {
    super(inputs, options);
    this.#plugIn = plugIn;
  }

  override async start(context: AcquisitionContext): Promise<void> {
    await super.start(context);
    this.#plugIn();
  }
}

/**
 * A card with inputs that are counted when a trigger comes: over its line, or from software. It takes as many pulses as its scan has
 * points, and does not hear those that come after them.
 *
 * @example
 * const card = new SimulatedCounterCard({ name: "p201", line: motors.triggerLine("m0") });
 * const monitor = card.addInput({ name: "monitor", rate: 1e5 });
 * const time = card.addInput({ name: "clock", rate: 1e6, mode: "latch" }); // µs at each pulse
 */
export class SimulatedCounterCard extends IntegratingCounterController {
  /** Each process has its own. */
  override readonly lockName = null;
  /** Carries the pulses of a `CounterCardMaster`. */
  readonly output: TriggerLine;
  readonly #clock: Clock;
  readonly #line: TriggerLine | undefined;
  #countTime = 0;
  /** Triggers that it takes; 0 = all. */
  #npoints = 0;
  #armed = 0;
  #triggers: number[] = [];
  #unplug: (() => void) | undefined;

  constructor({ name, line, clock = systemClock }: SimulatedCounterCardOptions) {
    super(name);
    this.output = new TriggerLine(`the output of ${name}`);
    this.#line = line;
    this.#clock = clock;
  }

  /** @throws ArgumentError for a name that is taken, or a rate that is none */
  addInput(options: CounterCardInputOptions): IntegratingCounter {
    if (!(options.rate >= 0) || !Number.isFinite(options.rate)) {
      throw new ArgumentError("rate", `rate of ${options.name} is ${options.rate}; expected counts/s, 0 or more`);
    }
    return new CounterCardInput(this, options);
  }

  /** Whether its trigger input is plugged into the trigger output of an axis. */
  isTriggeredBy(axis: Axis): boolean {
    return isTriggerOutput(this.#line, axis);
  }

  /** Counts at each pulse. */
  createTriggeredObject(counters: readonly Counter[], parameters: CountingParameters): AcquisitionObject {
    const inputs = counters.filter((counter) => counter instanceof IntegratingCounter);
    return new PulsedAcquisitionSlave(inputs, { ...parameters, triggerType: "hardware" }, () => this.#plugIn());
  }

  async prepareDevice(_counters: readonly IntegratingCounter[], parameters: CountingParameters): Promise<void> {
    const { countTime, npoints } = parameters;
    if (typeof countTime !== "number") {
      throw new ArgumentError("countTime", `countTime of ${this.name} is a list; expected one time for all points, s`);
    }
    this.#countTime = countTime;
    this.#npoints = npoints;
  }

  async startDevice(): Promise<void> {
    this.#unplug?.();
    this.#triggers = [];
    this.#armed = this.#clock.now();
  }

  async triggerDevice(): Promise<void> {
    this.#triggers.push(this.#clock.now());
  }

  async stopDevice(): Promise<void> {
    this.#unplug?.();
  }

  override async getValues(
    from: number,
    counters: readonly IntegratingCounter[],
    { signal }: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly CounterPoints[]> {
    signal?.throwIfAborted();
    const inputs = counters.filter((counter) => counter instanceof CounterCardInput);
    const now = this.#clock.now();
    const points: { readonly at: number; readonly before: number }[] = [];
    for (let i = from; i < this.#triggers.length; i++) {
      const at = this.#triggers[i] ?? now;
      if (at + this.#countTime > now + 1e-9) break;
      points.push({ at, before: this.#triggers[i - 1] ?? this.#armed });
    }
    if (inputs.some(({ mode }) => mode === "gate")) for (const point of points) this.#checkGate(point);
    const [armed, countTime] = [this.#armed, this.#countTime];
    return inputs.map((input) => points.map(({ at, before }) => input.countsOf(at, { before, armed, countTime })));
  }

  #plugIn(): void {
    this.#unplug?.();
    this.#unplug = this.#line?.onPulse(({ time }) => {
      if (this.#npoints === 0 || this.#triggers.length < this.#npoints) this.#triggers.push(time);
    });
  }

  /** @throws CounterError when a trigger came while the card counted for the one before */
  #checkGate({ at, before }: { readonly at: number; readonly before: number }): void {
    if (before === this.#armed || at - before >= this.#countTime - 1e-9) return;
    throw new CounterError(
      this.name,
      `${this.name} was triggered ${at - before} s after the trigger before, while it counted for ${this.#countTime} s: ` +
        "trigger more slowly, or count for less time",
    );
  }
}
