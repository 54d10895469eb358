import { ProtocolError } from "./protocol-error.js";

/** Id of the stream entry whose first point has this index (from 0), as XADD takes it. */
export function channelEntryId(index: number): string {
  return String(index + 1);
}

/** Index of the first point of an entry, from its id `<index + 1>-0`. @throws ProtocolError when it is no such id */
export function channelEntryIndex(id: string): number {
  const dash = id.indexOf("-");
  const index = Number(dash < 0 ? id : id.slice(0, dash)) - 1;
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new ProtocolError(`entry id '${id}' of a channel is not '<index + 1>-0'`);
  }
  return index;
}
