/** Bytes that have arrived and were not read yet. Costs no more than a copy of them, however small their pieces are. */
export class ReceiveBuffer {
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Up to here the terminator of the last search was not found. */
  #searched = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  append(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Where the first `terminator` begins; -1 when there is none yet. Search for one at a time: it goes on where it left off. */
  search(terminator: Uint8Array): number {
    const from = Math.max(this.#start, this.#searched - terminator.length + 1);
    const found = this.#bytes.subarray(0, this.#end).indexOf(terminator, from);
    this.#searched = found < 0 ? this.#end : from;
    return found < 0 ? -1 : found - this.#start;
  }

  /** Makes the next search begin at the first byte. */
  restartSearch(): void {
    this.#searched = this.#start;
  }

  /** Takes the first bytes out; they are the caller's. */
  take(count: number): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(this.#start, this.#start + count));
    this.#start += count;
    this.#searched = this.#start;
    if (this.#start === this.#end) {
      this.#start = this.#end = this.#searched = 0;
    }
    return taken;
  }

  #makeRoom(count: number): void {
    const grown = Buffer.alloc(Math.max(1024, 2 * (this.length + count)));
    this.#bytes.copy(grown, 0, this.#start, this.#end);
    this.#bytes = grown;
    this.#searched = Math.max(0, this.#searched - this.#start);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
