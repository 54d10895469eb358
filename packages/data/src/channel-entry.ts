import { decodeEvent, ProtocolError } from "@beamtime/protocol";
import { idMilliseconds, type StreamEntry } from "./stream-entry.js";

/** What an entry of a channel holds, not decoded. */
export interface ChannelEntry {
  readonly npoints: number;
  readonly description: Uint8Array;
  readonly data: Uint8Array;
}

const eventField = Buffer.from("__EVENT__");
const channelData = Buffer.from("CHANNELDATA");
const descriptionField = Buffer.from("__DESC__");
const npointsField = Buffer.from("__NPOINTS__");
const dataField = Buffer.from("__DATA__");

/**
 * Finds description and values among the fields of an entry. The order in which publishers write them takes a short
 * cut, because this runs for each entry of a scan.
 *
 * @throws ProtocolError when the entry is no channel data, or lacks a field
 */
export function readChannelEntry(fields: readonly Buffer[]): ChannelEntry {
  const [event, type, first, description, second, count, third, data] = fields;
  if (
    fields.length === 8 &&
    description &&
    data &&
    isSame(event, eventField) &&
    isSame(type, channelData) &&
    isSame(first, descriptionField) &&
    isSame(second, npointsField) &&
    isSame(third, dataField)
  ) {
    const npoints = parseCount(count);
    if (npoints > 0) return { npoints, description, data };
  }
  const decoded = decodeEvent(fields);
  if (decoded.type !== "CHANNELDATA") throw new ProtocolError(`an entry of a channel is '${decoded.type}'`);
  return decoded;
}

/** Index of the point that follows an entry. @throws ProtocolError when the entry is no channel data */
export function indexAfter([id, fields]: StreamEntry): number {
  return idMilliseconds(id) - 1 + readChannelEntry(fields).npoints;
}

function isSame(bytes: Buffer | undefined, expected: Buffer): boolean {
  if (bytes?.length !== expected.length) return false;
  for (let at = 0; at < expected.length; at++) if (bytes[at] !== expected[at]) return false;
  return true;
}

/** A short decimal number, else 0. */
function parseCount(text: Buffer | undefined): number {
  let count = 0;
  if (!text || text.length > 9) return 0;
  for (let at = 0; at < text.length; at++) {
    const digit = (text[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return 0;
    count = count * 10 + digit;
  }
  return count;
}
