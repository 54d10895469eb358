const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text, as it is; undefined when the bytes are no UTF-8. */
export function utf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
