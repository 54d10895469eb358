import { AcquisitionChannel, type AcquisitionContext, AcquisitionMaster } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import type { SimulatedCounterCard } from "./simulated-counter-card.js";

export interface CounterCardMasterOptions {
  /** Pulses that it sends. */
  readonly npoints: number;
  /** Seconds from one pulse to the next. */
  readonly period: number;
}

/**
 * A counter card as time base: sends pulses over its output, from which whatever is plugged in there takes its triggers. Slaves that
 * software triggers are triggered once, at the first pulse. Pulses come at multiples of the period: one that is late makes none of the
 * others late.
 *
 * Channel: `<card>:elapsed_time`, seconds since the first pulse.
 *
 * @example
 * const camera = new SimulatedCamera({ name: "camera", line: card.output });
 * chain.add(new CounterCardMaster(card, { npoints: 10, period: 0.5 }), new CameraAcquisitionSlave(camera, params));
 */
export class CounterCardMaster extends AcquisitionMaster {
  readonly #card: SimulatedCounterCard;
  readonly #period: number;
  readonly #elapsed: AcquisitionChannel;

  constructor(card: SimulatedCounterCard, { npoints, period }: CounterCardMasterOptions) {
    super({ name: card.name, npoints, devices: [card], exclusive: [card] });
    if (npoints < 1) throw new ArgumentError("npoints", `npoints is ${npoints}; expected 1 pulse or more`);
    if (!(period > 0) || !Number.isFinite(period)) {
      throw new ArgumentError("period", `period is ${period}; expected seconds from one pulse to the next`);
    }
    this.#card = card;
    this.#period = period;
    this.#elapsed = new AcquisitionChannel(`${card.name}:elapsed_time`, "float64", [], { unit: "s" });
    this.channels.push(this.#elapsed);
  }

  prepare(): void {}

  async start(context: AcquisitionContext): Promise<void> {
    if (!this.parent) await this.trigger(context);
  }

  override async trigger(context: AcquisitionContext): Promise<void> {
    const { clock, signal } = context;
    this.triggerSlaves(context);
    const origin = clock.now();
    for (let i = 0; i < this.npoints; i++) {
      await clock.sleep(origin + i * this.#period - clock.now(), { signal });
      this.#card.output.pulse(origin + i * this.#period);
      this.#elapsed.emit(i * this.#period);
    }
    await clock.sleep(origin + this.npoints * this.#period - clock.now(), { signal });
    await this.waitSlaves(context);
  }

  stop(): void {}
}
