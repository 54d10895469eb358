import { eventOf } from "./entry-event.js";
import { idMilliseconds, type StreamEntry } from "./stream-entry.js";

/** A child as the list of its parent has it. */
export interface Announcement {
  readonly dbName: string;
  /** When it was announced: milliseconds of the clock of Redis. */
  readonly time: number;
}

/** The children that entries of a children list announce, in order; other entries mean nothing. */
export function announcementsOf(entries: readonly StreamEntry[]): Announcement[] {
  return entries.flatMap((entry) => {
    const event = eventOf(entry);
    return event?.type === "NEW_NODE" ? [{ dbName: event.dbName, time: idMilliseconds(entry[0]) }] : [];
  });
}
