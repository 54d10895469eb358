import { caText, textOf } from "./ca-message.js";
import type { PvReading } from "./channel-access.js";
import { EpicsProtocolError } from "./epics-error.js";

/** Request types: values alone for writing, with alarm and time for reading. */
export const dbrType = { string: 0, double: 6, timeString: 14, timeDouble: 20 } as const;

/** Longest text of Channel Access, its final zero included. */
const stringSize = 40;
/** 1990-01-01 UTC, where the time of EPICS begins, in seconds since 1970. */
const epicsEpoch = 631_152_000;

/** A value as it is written. */
export function encodeValue(value: number | string): { readonly dataType: number; readonly payload: Buffer } {
  if (typeof value === "string") {
    const payload = Buffer.alloc(stringSize);
    caText(value).copy(payload, 0, 0, stringSize - 1);
    return { dataType: dbrType.string, payload };
  }
  const payload = Buffer.alloc(8);
  payload.writeDoubleBE(value);
  return { dataType: dbrType.double, payload };
}

/** A number or a text with its alarm and time. @throws EpicsProtocolError when the payload is too short for it */
export function decodeReading(dataType: number, payload: Buffer): PvReading {
  const isNumber = dataType === dbrType.timeDouble;
  if (!isNumber && dataType !== dbrType.timeString) {
    throw new EpicsProtocolError(
      `a value of type ${dataType}: expected ${dbrType.timeDouble} or ${dbrType.timeString}`,
    );
  }
  const start = isNumber ? 16 : 12;
  if (payload.length < start + (isNumber ? 8 : 1)) {
    throw new EpicsProtocolError(`a value of type ${dataType} in ${payload.length} octets: too few`);
  }
  return {
    status: payload.readInt16BE(0),
    severity: payload.readInt16BE(2),
    time: epicsEpoch + payload.readUInt32BE(4) + payload.readUInt32BE(8) / 1e9,
    value: isNumber ? payload.readDoubleBE(start) : textOf(payload.subarray(start, start + stringSize)),
  };
}
