/** An entry of a stream as Redis gives it: its id, then names and values of its fields in turn. */
export type StreamEntry = readonly [id: Buffer, fields: readonly Buffer[]];

/** Milliseconds of an id `<ms>-<seq>`: the time of a server-made id, index + 1 of an entry of a channel. */
export function idMilliseconds(id: Buffer | string): number {
  if (typeof id === "string") return Number.parseInt(id, 10);
  let value = 0;
  for (let at = 0; at < id.length; at++) {
    const digit = (id[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return value;
}

/** Bytes of an entry, about as much as it takes in memory. */
export function entryBytes([, fields]: StreamEntry): number {
  let bytes = 200;
  for (const field of fields) bytes += field.length;
  return bytes;
}
