import { decodeEvent, type PlainValue, ProtocolError, readPickle, toPlain } from "@beamtime/protocol";
import { z } from "zod";
import type { StreamEntry } from "./stream-entry.js";

const schema = z.record(z.string(), z.custom<PlainValue>());

/**
 * The newest status among entries of a camera: each is complete, so the last one counts. Undefined without entries.
 *
 * @throws ProtocolError or PickleError when it cannot be decoded
 */
export function lastStatus(entries: readonly StreamEntry[]): { readonly [key: string]: PlainValue } | undefined {
  const fields = entries.at(-1)?.[1];
  if (!fields) return undefined;
  const event = decodeEvent(fields);
  if (event.type !== "LIMAIMAGESTATUS") throw new ProtocolError(`an entry of a camera is '${event.type}'`);
  const status = schema.safeParse(toPlain(readPickle(event.status)));
  if (!status.success) throw new ProtocolError("the status of a camera is not a dict");
  return status.data;
}
