import {
  ChannelDataDecoder,
  type ChannelDescription,
  decodeChannelData,
  decodeDescription,
  sizeOfShape,
} from "@beamtime/protocol";
import { readChannelEntry } from "./channel-entry.js";
import { GrowingBlock, type ValuesPart } from "./growing-block.js";
import { idMilliseconds, type StreamEntry } from "./stream-entry.js";

/** Points `from` to `to` that are in Redis no more. */
interface GapPart {
  readonly kind: "gap";
  readonly from: number;
  readonly to: number;
}

/** An entry that cannot be decoded. */
interface UnreadablePart {
  readonly kind: "unreadable";
  readonly first: number;
  readonly error: unknown;
}

export type ChannelPart = ValuesPart | GapPart | UnreadablePart;

/**
 * Joins the entries of one channel, read in order, into blocks as long as possible: a new block begins only after a gap,
 * an unreadable entry, or where points change their type or shape.
 */
export class ChannelBlocks {
  /** Index of the point that comes next; undefined until the first entry when the start is not known. */
  next: number | undefined;
  readonly #expected: number;
  #parts: ChannelPart[] = [];
  #block: GrowingBlock | undefined;
  #decoder: ChannelDataDecoder | undefined;
  /** Elements of a point, as the decoder expects them. */
  #pointSize = 0;
  #descriptionBytes: Uint8Array = new Uint8Array(0);

  /**
   * @param next index of the first point expected: a later one makes a gap. Undefined takes any.
   * @param expected how many points will come, if that is known: it spares memory, no more
   */
  constructor(next?: number, expected = 0) {
    this.next = next;
    this.#expected = expected;
  }

  /** Takes the next entries; keeps none of their bytes. */
  add(entries: readonly StreamEntry[]): void {
    for (const [id, fields] of entries) this.#add(idMilliseconds(id) - 1, fields);
  }

  /** What was joined since the last call, in order. */
  take(): ChannelPart[] {
    this.#close();
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  #add(first: number, fields: readonly Buffer[]): void {
    if (first !== this.next) this.#close();
    if (this.next !== undefined && first > this.next) {
      this.#parts.push({ kind: "gap", from: this.next, to: first - 1 });
    }
    this.next = first + 1; // an entry that cannot be read has one point at least
    try {
      const { npoints, description, data } = readChannelEntry(fields);
      this.next = first + npoints;
      this.#append(first, npoints, this.#decoderOf(description), data);
    } catch (error) {
      this.#close();
      this.#parts.push({ kind: "unreadable", first, error });
    }
  }

  /** The description is decoded again only where it changes. */
  #decoderOf(bytes: Uint8Array): ChannelDataDecoder {
    if (this.#decoder && Buffer.compare(bytes, this.#descriptionBytes) === 0) return this.#decoder;
    this.#decoder = new ChannelDataDecoder(decodeDescription(bytes));
    this.#pointSize = sizeOfShape(this.#decoder.description.shape);
    this.#descriptionBytes = new Uint8Array(bytes); // a copy: entries are parts of larger buffers
    return this.#decoder;
  }

  #append(first: number, npoints: number, decoder: ChannelDataDecoder, bytes: Uint8Array): void {
    const { description } = decoder;
    const size = npoints * this.#pointSize;
    // An element takes a byte at least: no count, however large, makes more room than the entry can fill.
    if (size >= 0 && size <= bytes.length) {
      const block = this.#blockOf(first, description, description.shape);
      if (block.decode(decoder, bytes, npoints)) return;
    }
    const values = decodeChannelData(bytes, description, npoints);
    this.#blockOf(first, description, values.shape.slice(1)).append(values.data, npoints);
  }

  /** The open block if it takes points of this type and shape, else a new one. */
  #blockOf(first: number, description: ChannelDescription, pointShape: readonly number[]): GrowingBlock {
    const { dtype } = description;
    if (!this.#block?.takes(dtype, pointShape)) {
      this.#close();
      this.#block = new GrowingBlock(first, description, pointShape, this.#expected);
    }
    return this.#block;
  }

  #close(): void {
    if (this.#block && this.#block.npoints > 0) this.#parts.push(this.#block.values());
    this.#block = undefined;
  }
}
