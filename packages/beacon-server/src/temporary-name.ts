import { randomUUID } from "node:crypto";

const prefix = ".beacon-";

/** A name for what is not whole yet, or on its way out; listings leave it out. */
export function temporaryName(): string {
  return `${prefix}${randomUUID()}~`;
}

export function isTemporaryName(name: string): boolean {
  return name.startsWith(prefix) && name.endsWith("~");
}
