const names: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };

/** Bytes as people read them: `?POS 1\r`, `\x02AB\x03`. Of more than `max` bytes the first ones, and how many there are. */
export function readableBytes(bytes: Uint8Array, max: number = bytes.length): string {
  let text = "";
  for (const byte of bytes.subarray(0, max)) {
    const isPlain = byte >= 32 && byte < 127 && byte !== 92;
    text += isPlain ? String.fromCharCode(byte) : (names[byte] ?? `\\x${byte.toString(16).padStart(2, "0")}`);
  }
  return bytes.length > max ? `${text}… (${bytes.length} bytes)` : text;
}
