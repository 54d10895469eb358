import { ArgumentError } from "@beamtime/errors";
import { type ArrayData, allocateData, type DType, sizeOfShape } from "@beamtime/protocol";
import { AcquisitionError } from "./acquisition-error.js";
import { convertArray, convertScalar, type Emission } from "./emission.js";
import type { NexusRole } from "./scan-event.js";

/** A block of points of a channel, as listeners get it. The data is not changed afterwards. */
export interface ChannelBlock {
  readonly channel: AcquisitionChannel;
  /** Index of the first point since the start of the scan. */
  readonly first: number;
  readonly npoints: number;
  readonly pointShape: readonly number[];
  readonly data: ArrayData;
}

export interface AcquisitionChannelOptions {
  readonly unit?: string | undefined;
  /** Short name under which users know it; `axis:A` with alias `C` is known as `C`. */
  readonly alias?: string | undefined;
  /** Values are references, passed on unchanged. Default false. */
  readonly reference?: boolean;
  readonly nodeType?: "channel" | "lima" | "node_ref_channel";
  readonly nexus?: NexusRole | undefined;
}

/**
 * A named, typed stream of points, owned by an acquisition object.
 *
 * `emit` is the hot path: it converts to the dtype, numbers the points and calls the listeners, synchronously.
 *
 * @see BLISS `bliss/scanning/channel.py`, class `AcquisitionChannel`
 */
export class AcquisitionChannel {
  /** Full name with colons: `controller:counter`. The chain may rename it to keep names unique. */
  fullname: string;
  readonly dtype: DType;
  /** Shape of one point; may be set until the scan has announced its channels. */
  shape: readonly number[];
  readonly unit: string | null;
  readonly alias: string | undefined;
  readonly reference: boolean;
  readonly nodeType: "channel" | "lima" | "node_ref_channel";
  readonly nexus: NexusRole | undefined;
  #npoints = 0;
  #listeners: readonly ((block: ChannelBlock) => void)[] = [];
  readonly #isNumber: boolean;
  /** Set while the channel is attached: its last value, repeated with the points of the other one. */
  #held: { last: ChannelBlock | undefined } | undefined;

  constructor(fullname: string, dtype: DType, shape: readonly number[] = [], options: AcquisitionChannelOptions = {}) {
    if (!fullname) throw new ArgumentError("fullname", "a channel needs a name, e.g. 'controller:counter'");
    this.fullname = fullname;
    this.dtype = dtype;
    this.shape = shape;
    this.unit = options.unit ?? null;
    this.alias = options.alias;
    this.reference = options.reference ?? false;
    this.nodeType = options.nodeType ?? "channel";
    this.nexus = options.nexus;
    this.#isNumber = !["string", "bool", "int64", "uint64"].includes(dtype);
  }

  /** Last part of the full name, or the alias. */
  get shortName(): string {
    return this.alias ?? this.fullname.slice(this.fullname.lastIndexOf(":") + 1);
  }

  /** Points emitted so far. */
  get npoints(): number {
    return this.#npoints;
  }

  /** Calls `listener` at each emission, in the emitter's stack: what it throws fails the emitter. Returns the way out. */
  onData(listener: (block: ChannelBlock) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }

  /**
   * Publishes one point (rank of `shape`) or a block (one dimension more). An empty block is ignored. A typed array of
   * the channel's dtype is passed on without a copy: it must not be changed afterwards. Other numbers are converted as
   * NumPy does: truncated and wrapped for integers.
   *
   * @throws ArgumentError when the shape does not fit the channel's, or the values its dtype
   */
  emit(value: Emission): void {
    if (typeof value === "number" && this.#isNumber && this.shape.length === 0) {
      const data = allocateData(this.dtype, 1);
      data[0] = value as never; // a dtype whose storage takes numbers
      this.#publish(data, this.shape, 1);
    } else if (typeof value === "object") {
      const { data, pointShape } = convertArray(this, value);
      if (data.length > 0) this.#publish(data, pointShape, data.length / sizeOfShape(pointShape));
    } else {
      this.#publish(convertScalar(this, value), this.shape, 1);
    }
  }

  /**
   * Holds back what is emitted: the last point is published again with each point of `lower`, so that both have as many.
   * Returns the way out.
   *
   * @throws AcquisitionError when the channel is attached already
   */
  attachTo(lower: AcquisitionChannel): () => void {
    if (this.#held) throw new AcquisitionError(this.fullname, `the channel '${this.fullname}' is attached already`);
    const held: { last: ChannelBlock | undefined } = { last: undefined };
    this.#held = held;
    const detach = lower.onData(({ npoints }) => {
      const { last } = held;
      if (!last) {
        throw new AcquisitionError(
          this.fullname,
          `'${lower.fullname}' emitted before '${this.fullname}', which is attached to it`,
        );
      }
      for (let point = 0; point < npoints; point++) this.#tell(last.data, last.pointShape, 1);
    });
    return () => {
      detach();
      this.#held = undefined;
    };
  }

  #publish(data: ArrayData, pointShape: readonly number[], npoints: number): void {
    if (this.#held) {
      if (npoints !== 1) {
        throw new AcquisitionError(this.fullname, `'${this.fullname}' is attached: it must emit one point at a time`);
      }
      this.#held.last = { channel: this, first: this.#npoints, npoints, pointShape, data };
    } else {
      this.#tell(data, pointShape, npoints);
    }
  }

  #tell(data: ArrayData, pointShape: readonly number[], npoints: number): void {
    const block: ChannelBlock = { channel: this, first: this.#npoints, npoints, pointShape, data };
    this.#npoints += npoints;
    for (const listener of this.#listeners) listener(block);
  }
}
