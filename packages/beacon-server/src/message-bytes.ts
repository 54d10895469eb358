import { Buffer } from "node:buffer";

const headerLength = 8;

/**
 * Bytes of one message whose payload is the given parts, one after the other. Texts are byte strings (latin1), as keys
 * and names come and go unchanged whatever their encoding; what is UTF-8 is given as bytes.
 */
export function messageBytes(type: number, ...parts: readonly (string | Uint8Array)[]): Buffer {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = Buffer.allocUnsafe(headerLength + length);
  bytes.writeInt32LE(type, 0);
  bytes.writeInt32LE(length, 4);
  let at = headerLength;
  for (const part of parts) {
    if (typeof part === "string") bytes.write(part, at, "latin1");
    else bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
