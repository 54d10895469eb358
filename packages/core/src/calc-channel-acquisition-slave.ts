import { ArgumentError } from "@beamtime/errors";
import type { DType, NdArray } from "@beamtime/protocol";
import { AcquisitionChannel } from "./acquisition-channel.js";
import type { AcquisitionContext } from "./acquisition-context.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import { AcquisitionSlave } from "./acquisition-slave.js";
import type { Emission } from "./emission.js";

/** Computes outputs from one block of one input channel; no output, or none at all, is fine. */
export type CalcChannelFunction = (
  source: AcquisitionChannel,
  data: { readonly [shortName: string]: NdArray },
) => { readonly [output: string]: Emission } | undefined;

/** A computation that is told of the life of the scan. */
export interface CalcChannelHook {
  readonly compute: CalcChannelFunction;
  prepare?(context: AcquisitionContext): void | Promise<void>;
  start?(context: AcquisitionContext): void | Promise<void>;
  stop?(context: AcquisitionContext): void | Promise<void>;
}

/** An output channel: its dtype (default float64), the shape of a point (default scalar), its unit. */
export interface CalcChannelOutput {
  readonly dtype?: DType;
  readonly shape?: readonly number[];
  readonly unit?: string;
}

/**
 * Emits what is computed from the channels of other objects: at each block that one of them emits, without buffering or
 * alignment. What the computation throws fails the object that emitted.
 *
 * @see BLISS `bliss/scanning/acquisition/calc.py`, class `CalcChannelAcquisitionSlave`
 */
export class CalcChannelAcquisitionSlave extends AcquisitionSlave {
  readonly #sources: readonly AcquisitionObject[];
  readonly #hook: CalcChannelHook;
  readonly #outputs = new Map<string, AcquisitionChannel>();
  #disconnects: (() => void)[] = [];

  /** @param outputs by short name; the channels are called `<name>:<output>` */
  constructor(
    name: string,
    sources: readonly AcquisitionObject[],
    compute: CalcChannelFunction | CalcChannelHook,
    outputs: { readonly [output: string]: CalcChannelOutput },
  ) {
    super({ name, triggerType: "hardware", prepareOnce: true, startOnce: true });
    this.#sources = sources;
    this.#hook = typeof compute === "function" ? { compute } : compute;
    for (const [output, { dtype = "float64", shape = [], unit }] of Object.entries(outputs)) {
      const channel = new AcquisitionChannel(`${name}:${output}`, dtype, shape, { unit });
      this.#outputs.set(output, channel);
      this.channels.push(channel);
    }
  }

  async prepare(context: AcquisitionContext): Promise<void> {
    const channels = this.#sources.flatMap((source) => source.channels);
    this.#disconnects = channels.map((channel) =>
      channel.onData(({ npoints, pointShape, data }) => {
        const block: NdArray = { dtype: channel.dtype, shape: [npoints, ...pointShape], data };
        this.#emit(this.#hook.compute(channel, { [channel.shortName]: block }) ?? {});
      }),
    );
    await this.#hook.prepare?.(context);
  }

  async start(context: AcquisitionContext): Promise<void> {
    await this.#hook.start?.(context);
  }

  async stop(context: AcquisitionContext): Promise<void> {
    for (const disconnect of this.#disconnects) disconnect();
    await this.#hook.stop?.(context);
  }

  #emit(values: { readonly [output: string]: Emission }): void {
    for (const [output, value] of Object.entries(values)) {
      const channel = this.#outputs.get(output);
      if (!channel) {
        const known = [...this.#outputs.keys()].join(", ");
        throw new ArgumentError("outputs", `${this.name} computed '${output}', but its outputs are ${known}`);
      }
      channel.emit(value);
    }
  }
}
