import { ProtocolError } from "./protocol-error.js";

/** One Beacon message: two little-endian int32 (type, payload length), then the payload. */
export interface BeaconFrame {
  readonly type: number;
  readonly payload: Uint8Array;
}

const headerLength = 8;
const encoder = new TextEncoder();

/** Bytes of one message; a text payload is written as UTF-8. */
export function encodeFrame(type: number, payload: Uint8Array | string = ""): Uint8Array {
  const body = typeof payload === "string" ? encoder.encode(payload) : payload;
  const frame = new Uint8Array(headerLength + body.length);
  const view = new DataView(frame.buffer);
  view.setInt32(0, type, true);
  view.setInt32(4, body.length, true);
  frame.set(body, headerLength);
  return frame;
}

/** Cuts the bytes of one connection into messages, however they were cut on the way. */
export class FrameDecoder {
  readonly #maxPayload: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** `maxPayload` in bytes: a peer that announces more is refused before anything is kept. Default 64 MiB. */
  constructor(options: { readonly maxPayload?: number } = {}) {
    this.#maxPayload = options.maxPayload ?? 64 * 1024 * 1024;
  }

  /**
   * Takes the next bytes and returns the messages they complete, in order; the payloads are copies.
   *
   * @throws ProtocolError when a header announces a negative or too long payload; the connection is then lost
   */
  push(chunk: Uint8Array): BeaconFrame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: BeaconFrame[] = [];
    for (let frame = this.#take(); frame; frame = this.#take()) frames.push(frame);
    // What is left is kept beyond this call: the chunk is the caller's.
    const rest = this.#chunks.pop();
    if (rest && rest.length > 0) this.#chunks.push(copyOf(rest));
    return frames;
  }

  #take(): BeaconFrame | undefined {
    if (this.#length < headerLength) return undefined;
    const head = this.#join(headerLength);
    const view = new DataView(head.buffer, head.byteOffset, headerLength);
    const size = view.getInt32(4, true);
    if (size < 0 || size > this.#maxPayload) {
      throw new ProtocolError(`a Beacon frame announces ${size} bytes; 0 to ${this.#maxPayload} are accepted`);
    }
    if (this.#length < headerLength + size) return undefined;
    const bytes = this.#join(headerLength + size);
    this.#length -= headerLength + size;
    this.#chunks[0] = bytes.subarray(headerLength + size);
    return { type: view.getInt32(0, true), payload: copyOf(bytes, headerLength, headerLength + size) };
  }

  /** Makes the first chunk at least `length` long; joins only what is complete, so that small chunks stay cheap. */
  #join(length: number): Uint8Array {
    const first = this.#chunks[0];
    if (first && first.length >= length) return first;
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [joined];
    return joined;
  }
}

/** A Buffer's own `slice` gives a view. */
function copyOf(bytes: Uint8Array, start?: number, end?: number): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes, start, end);
}
