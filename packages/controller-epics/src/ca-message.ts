import { EpicsProtocolError } from "./epics-error.js";

/** Minor version of the protocol that we speak: that of EPICS base 3.14 to 7. */
export const caMinorVersion = 13;

/** Numbers of the commands that we send or hear. */
export const caCommand = {
  version: 0,
  eventAdd: 1,
  eventCancel: 2,
  write: 4,
  search: 6,
  error: 11,
  readNotify: 15,
  createChannel: 18,
  writeNotify: 19,
  clientName: 20,
  hostName: 21,
  accessRights: 22,
  echo: 23,
  createChannelFailed: 26,
  serverDisconnect: 27,
} as const;

/** One message of Channel Access; what the numbers mean depends on the command. */
export interface CaMessage {
  readonly command: number;
  readonly dataType: number;
  readonly count: number;
  readonly p1: number;
  readonly p2: number;
  readonly payload: Buffer;
}

const headerSize = 16;
/** More than any scalar needs; what is announced larger is refused before it is read. */
const largestPayload = 16_384;
const nothing = Buffer.alloc(0);

/**
 * The octets of a message; the payload is filled up to a multiple of 8.
 *
 * @see the Channel Access protocol specification of EPICS, "Message Structure"
 */
export function encodeCaMessage(message: Pick<CaMessage, "command"> & Partial<CaMessage>): Buffer {
  const { command, dataType = 0, count = 0, p1 = 0, p2 = 0, payload = nothing } = message;
  const size = Math.ceil(payload.length / 8) * 8;
  const bytes = Buffer.alloc(headerSize + size);
  bytes.writeUInt16BE(command, 0);
  bytes.writeUInt16BE(size, 2);
  bytes.writeUInt16BE(dataType, 4);
  bytes.writeUInt16BE(count, 6);
  bytes.writeUInt32BE(p1, 8);
  bytes.writeUInt32BE(p2, 12);
  payload.copy(bytes, headerSize);
  return bytes;
}

/** A text with its final zero, as names travel. */
export function caText(text: string): Buffer {
  return Buffer.from(`${text}\0`, "utf8");
}

/** The text before the first zero. */
export function textOf(payload: Buffer): string {
  const end = payload.indexOf(0);
  return payload.toString("utf8", 0, end < 0 ? payload.length : end);
}

/** Cuts what arrives over a connection, in pieces of any size, into messages. */
export class CaMessageReader {
  #rest: Buffer = nothing;

  /** The messages that are complete with this piece. @throws EpicsProtocolError for one that is too large */
  push(piece: Buffer): CaMessage[] {
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const messages: CaMessage[] = [];
    for (let next = cut(bytes); next; next = cut(bytes)) {
      messages.push(next.message);
      bytes = bytes.subarray(next.size);
    }
    this.#rest = bytes;
    return messages;
  }
}

/** The first message, and its size; undefined when it is not complete. */
function cut(bytes: Buffer): { readonly message: CaMessage; readonly size: number } | undefined {
  if (bytes.length < headerSize) return undefined;
  let start = headerSize;
  let payloadSize = bytes.readUInt16BE(2);
  let count = bytes.readUInt16BE(6);
  if (payloadSize === 0xffff) {
    start += 8; // the extended form: size and count follow the header
    if (bytes.length < start) return undefined;
    payloadSize = bytes.readUInt32BE(headerSize);
    count = bytes.readUInt32BE(headerSize + 4);
  }
  if (payloadSize > largestPayload) {
    throw new EpicsProtocolError(`a message of ${payloadSize} octets: expected at most ${largestPayload}`);
  }
  const size = start + payloadSize;
  if (bytes.length < size) return undefined;
  const message = {
    command: bytes.readUInt16BE(0),
    dataType: bytes.readUInt16BE(4),
    count,
    p1: bytes.readUInt32BE(8),
    p2: bytes.readUInt32BE(12),
    payload: bytes.subarray(start, size),
  };
  return { message, size };
}
