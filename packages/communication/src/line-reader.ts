/** Reads the answer to one request. After the request it reads no more. */
export interface LineReader {
  /** The text up to the terminator, that of the line by default, which is cut off. */
  readUntil(terminator?: string): Promise<string>;
  /** Exactly that many bytes. */
  readBytes(count: number): Promise<Uint8Array>;
  /** What there is, one byte at least. */
  readSome(): Promise<Uint8Array>;
}
