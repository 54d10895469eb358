import { ArgumentError } from "@beamtime/errors";
import { type ArrayData, allocateData, type DType, type NdArray, sizeOfShape } from "@beamtime/protocol";
import type { NexusRole } from "./scan-event.js";

/** What may be emitted: one point or a block of points. */
export type Emission = number | bigint | boolean | string | ArrayData | readonly number[] | NdArray;

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
  readonly #listeners: ((block: ChannelBlock) => void)[] = [];

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
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /**
   * Publishes one point (rank of `shape`) or a block (one dimension more). An empty block is ignored. A typed array of
   * the channel's dtype is passed on without a copy: it must not be changed afterwards.
   *
   * @throws ArgumentError when the shape does not fit the channel's
   */
  emit(value: Emission): void {
    const { data, pointShape } = this.#convert(value);
    const npoints = data.length / sizeOfShape(pointShape);
    if (npoints === 0) return;
    const block: ChannelBlock = { channel: this, first: this.#npoints, npoints, pointShape, data };
    this.#npoints += npoints;
    for (const listener of this.#listeners) listener(block);
  }

  #convert(value: Emission): { data: ArrayData; pointShape: readonly number[] } {
    throw new Error(`not written: ${this.fullname} ${typeof value} ${allocateData.name}`);
  }
}
