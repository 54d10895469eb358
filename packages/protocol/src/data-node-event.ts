import { PickleError } from "./pickle-error.js";
import { readPickle } from "./pickle-reader.js";
import { pyFloat } from "./pickle-value.js";
import { writePickle } from "./pickle-writer.js";
import { toPlain } from "./plain-value.js";
import { ProtocolError } from "./protocol-error.js";
import { decodeText } from "./python-text.js";
import { pythonTimeText } from "./python-time-text.js";

/** A child was created; it exists completely. */
export interface NewNodeEvent {
  readonly type: "NEW_NODE";
  readonly dbName: string;
}

/** The scan is prepared and its info complete. */
export interface PreparedScanEvent {
  readonly type: "PREPARED_SCAN";
  /** Epoch in seconds; null when it cannot be read. */
  readonly timestamp: number | null;
}

/** The scan has ended: nothing follows in its streams. */
export interface EndScanEvent {
  readonly type: "END_SCAN";
  /** Epoch in seconds; null when it cannot be read. */
  readonly timestamp: number | null;
  /** Empty after success, else what Python calls the exception: `<class 'RuntimeError'>`; `unreadable` if no text. */
  readonly exception: string;
}

/** Points of a channel, not decoded. */
export interface ChannelDataEvent {
  readonly type: "CHANNELDATA";
  readonly npoints: number;
  /** Pickle for {@link decodeDescription}. */
  readonly description: Uint8Array;
  /** Pickle for {@link decodeChannelData}. */
  readonly data: Uint8Array;
}

/** Progress of a camera, not decoded. */
export interface LimaStatusEvent {
  readonly type: "LIMAIMAGESTATUS";
  /** Pickle of a dict. */
  readonly status: Uint8Array;
}

/** An entry of a type that is not known here. */
export interface UnknownEvent {
  readonly type: "UNKNOWN";
  /** What the entry calls itself. */
  readonly event: string;
}

/** An entry of a stream of a data node. */
export type DataNodeEvent =
  | NewNodeEvent
  | PreparedScanEvent
  | EndScanEvent
  | ChannelDataEvent
  | LimaStatusEvent
  | UnknownEvent;

/** Field names and values in turn, as XADD takes them. */
export type EventFields = (string | Uint8Array)[];

/** Fields of the announcement of a child. */
export function encodeNewNode(dbName: string): EventFields {
  return ["__EVENT__", "NEW_NODE", "db_name", dbName];
}

/** Fields of the "prepared" event; `epoch` in seconds. */
export function encodePreparedScan(epoch: number): EventFields {
  return ["__EVENT__", "PREPARED_SCAN", ...timeFields(epoch)];
}

/** Fields of the end of a scan; `exception` is empty after success, `epoch` in seconds. */
export function encodeEndScan(epoch: number, exception: string): EventFields {
  return ["__EVENT__", "END_SCAN", ...timeFields(epoch), "__EXCEPTION__", writePickle(exception)];
}

/** Fields of an entry of a channel, from {@link encodeDescription} and {@link channelDataEncoder}. */
export function encodeChannelData(description: Uint8Array, npoints: number, data: Uint8Array): EventFields {
  return ["__EVENT__", "CHANNELDATA", "__DESC__", description, "__NPOINTS__", String(npoints), "__DATA__", data];
}

/**
 * Reads the fields of an entry (names and values in turn). Fields that are not known are ignored, and pickles that
 * belong to one channel are left for later, so that one bad value does not stop a walk.
 *
 * @throws ProtocolError when a field that the event needs is missing
 */
export function decodeEvent(fields: readonly (string | Uint8Array)[]): DataNodeEvent {
  const event = field(fields, "__EVENT__");
  // First and without making a text, because nearly all entries are data.
  if (isText(event, "CHANNELDATA")) {
    return {
      type: "CHANNELDATA",
      npoints: countOf(field(fields, "__NPOINTS__")),
      description: bytesOf(field(fields, "__DESC__")),
      data: bytesOf(field(fields, "__DATA__")),
    };
  }
  const type = textOf(event);
  switch (type) {
    case "NEW_NODE":
      return { type, dbName: textOf(field(fields, "db_name")) };
    case "PREPARED_SCAN":
      return { type, timestamp: timestampOf(fields) };
    case "END_SCAN":
      return { type, timestamp: timestampOf(fields), exception: exceptionOf(fields) };
    case "LIMAIMAGESTATUS":
      return { type, status: bytesOf(field(fields, "__STATUS__")) };
    default:
      return { type: "UNKNOWN", event: type };
  }
}

function timeFields(epoch: number): EventFields {
  return ["__TIMESTAMP__", writePickle(pyFloat(epoch)), "__STRTIME__", pythonTimeText(epoch)];
}

function optionalField(fields: readonly (string | Uint8Array)[], name: string): string | Uint8Array | undefined {
  for (let at = 0; at + 1 < fields.length; at += 2) {
    if (isText(fields[at], name)) return fields[at + 1];
  }
  return undefined;
}

function field(fields: readonly (string | Uint8Array)[], name: string): string | Uint8Array {
  const value = optionalField(fields, name);
  if (value === undefined) throw new ProtocolError(`a stream entry has no field '${name}'`);
  return value;
}

/** Compares without making a text: this runs several times for each entry read. */
function isText(value: string | Uint8Array | undefined, text: string): boolean {
  if (typeof value === "string") return value === text;
  if (value?.length !== text.length) return false;
  for (let at = 0; at < text.length; at++) if (value[at] !== text.charCodeAt(at)) return false;
  return true;
}

function textOf(value: string | Uint8Array): string {
  return typeof value === "string" ? value : decodeText(value);
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  if (typeof value === "string") throw new ProtocolError("a binary field of a stream entry was read as text");
  return value;
}

function countOf(value: string | Uint8Array): number {
  const text = textOf(value);
  const count = Number(text);
  if (Number.isSafeInteger(count) && count >= 0 && text !== "") return count;
  throw new ProtocolError(`__NPOINTS__ of a stream entry is '${text.slice(0, 20)}', not a number of points`);
}

function timestampOf(fields: readonly (string | Uint8Array)[]): number | null {
  const value = unpickle(optionalField(fields, "__TIMESTAMP__"));
  return typeof value === "number" ? value : null;
}

function exceptionOf(fields: readonly (string | Uint8Array)[]): string {
  const value = unpickle(optionalField(fields, "__EXCEPTION__"));
  if (value === null) return "";
  return typeof value === "string" ? value : "unreadable";
}

/** The end of a scan counts even when its details cannot be read: undefined then. */
function unpickle(bytes: string | Uint8Array | undefined): unknown {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    return toPlain(readPickle(bytes));
  } catch (error) {
    if (error instanceof PickleError) return undefined;
    throw error;
  }
}
