import type { AcquisitionChannel, ChannelBlock } from "./acquisition-channel.js";
import { AcquisitionError } from "./acquisition-error.js";
import { type ChannelData, ChannelValues } from "./channel-values.js";

/**
 * The data of one scan in memory, for `scan.getData`, up to a bound: the channel that would pass it is dropped whole.
 */
export class ScanMemory {
  readonly #limit: number;
  readonly #channels = new Map<AcquisitionChannel, ChannelValues | undefined>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  append(block: ChannelBlock): void {
    const { channel } = block;
    let values = this.#channels.get(channel);
    if (!values) {
      if (this.#channels.has(channel)) return;
      values = new ChannelValues(channel.dtype, channel.shape.includes(0) ? block.pointShape : channel.shape);
      this.#channels.set(channel, values);
    }
    const growth = values.growth(block);
    if (growth > 0 && this.#bytes + growth > this.#limit) {
      this.#bytes -= values.bytes;
      this.#channels.set(channel, undefined);
      return;
    }
    this.#bytes += growth;
    values.append(block);
  }

  /** What a channel has given so far. @throws AcquisitionError when it was dropped */
  get(channel: AcquisitionChannel, where: string): ChannelData {
    const values = this.#channels.get(channel);
    if (values) return values.get();
    if (this.#channels.has(channel)) {
      throw new AcquisitionError(
        channel.fullname,
        `the data of '${channel.fullname}' is no longer in memory: the scan passed its bound of ` +
          `${Math.round(this.#limit / 2 ** 20)} MiB (memoryLimit). Read it ${where}`,
      );
    }
    return new ChannelValues(channel.dtype, channel.shape).get();
  }

  /** Whether the data of a channel was dropped. */
  isDropped(channel: AcquisitionChannel): boolean {
    return this.#channels.has(channel) && !this.#channels.get(channel);
  }
}
