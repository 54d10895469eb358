import { errorMessage } from "@beamtime/errors";
import type { ArrayData } from "@beamtime/protocol";
import { z } from "zod";
import { RecordingError } from "./recording-error.js";
import { type ScanEvent, scanEventVersion } from "./scan-event.js";
import { scanEventSchema } from "./scan-event-schema.js";
import type { ScanInfo } from "./scan-info.js";
import { infoToJson, type Json } from "./scan-info-json.js";

/**
 * One event as one line of JSON, without the line end. Numbers of channels are in base64, little-endian; texts are
 * texts; dates, big integers and NaN in infos are kept.
 */
export function encodeScanEvent(event: ScanEvent): string {
  return JSON.stringify(toJson(event));
}

/** The event of a line. @throws RecordingError when it is not one of this version */
export function decodeScanEvent(line: string): ScanEvent {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new RecordingError(`not a line of a recording: ${errorMessage(error)}`, { cause: error });
  }
  const parsed = scanEventSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new RecordingError(
    `not an event of a recording of version ${scanEventVersion}: ${z.prettifyError(parsed.error)}`,
    { cause: parsed.error },
  );
}

function toJson(event: ScanEvent): unknown {
  switch (event.type) {
    case "created":
    case "prepared":
    case "ended":
      return { ...event, info: infoJson(event.info) };
    case "info":
      return { ...event, changes: infoJson(event.changes) };
    case "devices":
      return {
        ...event,
        devices: event.devices.map(({ metadata, ...device }) =>
          metadata ? { ...device, metadata: infoJson(metadata) } : device,
        ),
      };
    case "data":
      return { ...event, data: dataJson(event.data) };
    case "state":
    case "deviceEnd":
    case "warning":
      return event;
  }
}

function infoJson(info: ScanInfo): Json {
  return infoToJson(info);
}

function dataJson(data: ArrayData): unknown {
  if (!ArrayBuffer.isView(data)) return data;
  const dtype = data.constructor.name.replace(/^Big(Ui|I)nt/, (_, kind) => `${kind}nt`).replace(/Array$/, "");
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  return { dtype: dtype.toLowerCase(), base64 };
}
