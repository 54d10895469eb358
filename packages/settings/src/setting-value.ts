import {
  decodeSettingText,
  encodeSettingText,
  PickleError,
  type PickleInput,
  type PlainValue,
  readPickle,
  toPlain,
  writePickle,
} from "@beamtime/protocol";

/** Stands for a value that this process refuses to read, because it is an object of a Python program. */
export class UnreadableValue {
  /** Why it is refused. */
  readonly reason: PickleError;

  constructor(reason: PickleError) {
    this.reason = reason;
  }

  toString(): string {
    return `<unreadable: ${this.reason.message}>`;
  }
}

/** What a setting holds: plain JavaScript, as {@link toPlain} makes it. */
export type SettingContent = PlainValue | UnreadableValue;

/** How values of one kind of settings stand in Redis. */
export interface ValueCodec {
  /** @throws ArgumentError for what cannot be written */
  encode(value: PickleInput): string | Buffer;
  decode(bytes: Uint8Array): SettingContent;
}

/** Python's `str()`; read back, what looks like a number is one. */
export const textValues: ValueCodec = {
  encode: (value) => {
    const text = encodeSettingText(value);
    return typeof text === "string" ? text : bufferOf(text);
  },
  decode: (bytes) => toPlain(decodeSettingText(bytes)),
};

/** Pickles: values of any type keep it. */
export const pickledValues: ValueCodec = {
  encode: (value) => bufferOf(writePickle(value)),
  decode: (bytes) => {
    try {
      return toPlain(readPickle(bytes));
    } catch (error) {
      if (error instanceof PickleError) return new UnreadableValue(error);
      throw error;
    }
  },
};

/** Bytes as ioredis takes them, without a copy. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
