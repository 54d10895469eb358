import { opcode } from "./pickle-opcodes.js";

const frameHeader = 9;
/** From this size on CPython writes a text or byte string beside the frames, and closes a frame that has grown to it. */
const frameTarget = 64 * 1024;
const frameMinimum = 4;

/** The growing bytes of one pickle of protocol 4, cut in frames exactly as CPython's C pickler does. */
export class PickleOutput {
  /** Where the content of the last text or byte string begins. */
  lastString = 0;
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  /** Start of the open frame; -1 when none is open. */
  #frame = -1;

  constructor() {
    this.#append(2);
    this.#bytes[0] = opcode.proto;
    this.#bytes[1] = 4;
  }

  /** Called before each value: closes a frame that is full. */
  boundary(): void {
    if (this.#frame >= 0 && this.#at - this.#frame - frameHeader >= frameTarget) this.#closeFrame();
  }

  byte(code: number): void {
    const at = this.#open(1);
    this.#bytes[at] = code;
  }

  /** An opcode and its operand in one byte. */
  byteOperand(code: number, operand: number): void {
    const at = this.#open(2);
    this.#bytes[at] = code;
    this.#bytes[at + 1] = operand;
  }

  uint16Operand(code: number, operand: number): void {
    const at = this.#open(3);
    this.#bytes[at] = code;
    this.#view.setUint16(at + 1, operand, true);
  }

  /** An opcode and a 32-bit operand, signed or not. */
  int32Operand(code: number, operand: number): void {
    const at = this.#open(5);
    this.#bytes[at] = code;
    this.#view.setUint32(at + 1, operand, true);
  }

  /** An opcode and a big-endian double, as pickles have them. */
  floatOperand(code: number, operand: number): void {
    const at = this.#open(9);
    this.#bytes[at] = code;
    this.#view.setFloat64(at + 1, operand);
  }

  /** A length opcode and its bytes: `shortCode` below 256 bytes, `longCode` (32-bit length) from there on. */
  string(shortCode: number, longCode: number, bytes: Uint8Array): void {
    const large = bytes.length >= frameTarget;
    if (large) this.#closeFrame();
    const headerLength = bytes.length < 256 ? 2 : 5;
    const at = large ? this.#append(headerLength + bytes.length) : this.#open(headerLength + bytes.length);
    if (headerLength === 2) {
      this.#bytes[at] = shortCode;
      this.#bytes[at + 1] = bytes.length;
    } else {
      this.#bytes[at] = longCode;
      this.#view.setUint32(at + 1, bytes.length, true);
    }
    this.#bytes.set(bytes, at + headerLength);
    this.lastString = at + headerLength;
  }

  /** Ends the pickle and returns its bytes. */
  finish(): Uint8Array {
    this.byte(opcode.stop);
    this.#closeFrame();
    return this.#bytes.slice(0, this.#at);
  }

  #open(length: number): number {
    if (this.#frame < 0) this.#frame = this.#append(frameHeader);
    return this.#append(length);
  }

  #append(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#at, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }

  /** Writes the length of the open frame; a frame of less than four bytes loses its header instead. */
  #closeFrame(): void {
    if (this.#frame < 0) return;
    const body = this.#frame + frameHeader;
    const length = this.#at - body;
    if (length >= frameMinimum) {
      this.#bytes[this.#frame] = opcode.frame;
      this.#view.setBigUint64(this.#frame + 1, BigInt(length), true);
    } else {
      this.#bytes.copyWithin(this.#frame, body, this.#at);
      this.#at -= frameHeader;
      if (this.lastString >= body) this.lastString -= frameHeader;
    }
    this.#frame = -1;
  }
}
