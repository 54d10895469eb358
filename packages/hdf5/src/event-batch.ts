import type { ScanDataEvent, ScanEvent } from "@beamtime/core";
import type { DType } from "@beamtime/protocol";
import { NumberBuffer } from "./number-buffer.js";

/** Bytes that an event without data counts for. */
const plainEventBytes = 256;

/** Consecutive points of one channel. */
interface OpenBlock {
  readonly first: number;
  readonly pointShape: readonly number[];
  readonly values: NumberBuffer | string[];
  npoints: number;
}

/** Events that go to another thread together. */
export interface SealedBatch {
  readonly events: readonly ScanEvent[];
  /** Memory that goes along instead of being copied. */
  readonly transfer: readonly ArrayBuffer[];
  readonly bytes: number;
}

/**
 * Collects the events of a scan: points of a channel that follow each other become one event, so that a scan of many
 * small steps costs one message now and then. The order of points in each channel, and of all else, is kept.
 */
export class EventBatch {
  #events: ScanEvent[] = [];
  #transfer: ArrayBuffer[] = [];
  #bytes = 0;
  #dtypes: readonly DType[] = [];
  #open: (OpenBlock | undefined)[] = [];
  /** Elements that a block of each channel had last: the next one will be like it. */
  readonly #capacities: number[] = [];
  #longest = 0;

  /** Memory that the data takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Points in the longest block. */
  get longest(): number {
    return this.#longest;
  }

  add(event: ScanEvent): void {
    if (event.type === "data") this.#addData(event);
    else {
      if (event.type === "devices") this.#dtypes = event.channels.map(({ dtype }) => dtype);
      this.#sealAll();
      this.#events.push(event);
    }
    this.#bytes += eventBytes(event);
  }

  /** Gives out what was collected, and begins anew. */
  take(): SealedBatch {
    this.#sealAll();
    const batch = { events: this.#events, transfer: this.#transfer, bytes: this.#bytes };
    this.#events = [];
    this.#transfer = [];
    this.#bytes = 0;
    this.#longest = 0;
    return batch;
  }

  #addData(event: ScanDataEvent): void {
    const { channel, data } = event;
    let block = this.#open[channel];
    if (!block || !continues(block, event)) {
      if (block) this.#seal(channel, block);
      block = this.#begin(event);
      this.#open[channel] = block;
    }
    if (Array.isArray(block.values)) {
      for (const text of data) block.values.push(String(text));
    } else if (ArrayBuffer.isView(data)) block.values.append(data);
    block.npoints += event.npoints;
    if (block.npoints > this.#longest) this.#longest = block.npoints;
  }

  #begin({ channel, first, pointShape, data }: ScanDataEvent): OpenBlock {
    const dtype = this.#dtypes[channel] ?? "float64";
    const capacity = Math.max(this.#capacities[channel] ?? 0, data.length);
    const values = dtype === "string" ? [] : new NumberBuffer(dtype, capacity);
    return { first, pointShape, values, npoints: 0 };
  }

  #sealAll(): void {
    this.#open.forEach((block, channel) => {
      if (block) this.#seal(channel, block);
    });
  }

  #seal(channel: number, { first, npoints, pointShape, values }: OpenBlock): void {
    this.#open[channel] = undefined;
    const data = Array.isArray(values) ? values : values.contents();
    this.#capacities[channel] = data.length;
    // contents() is a view of memory that allocateData made
    if (ArrayBuffer.isView(data)) this.#transfer.push(data.buffer as ArrayBuffer);
    this.#events.push({ type: "data", channel, first, npoints, pointShape, data });
  }
}

/** Memory that an event takes while it waits. */
export function eventBytes(event: ScanEvent): number {
  if (event.type !== "data") return plainEventBytes;
  if (ArrayBuffer.isView(event.data)) return event.data.byteLength;
  return event.data.reduce((sum, text) => sum + 2 * text.length + 16, 0);
}

function continues(block: OpenBlock, { first, pointShape }: ScanDataEvent): boolean {
  if (first !== block.first + block.npoints || pointShape.length !== block.pointShape.length) return false;
  return pointShape === block.pointShape || pointShape.every((length, axis) => length === block.pointShape[axis]);
}
