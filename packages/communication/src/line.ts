import type { LineReader } from "./line-reader.js";
import type { TraceEntry } from "./line-trace.js";

/** What one request may be given. */
export interface RequestOptions {
  /** Seconds from the writing to the end of the answer. Default: that of the line. */
  readonly timeout?: number | undefined;
  /**
   * True when it does no harm to send the request twice, as with a question: after a loss of the connection it is then sent
   * once more. Default false: what may have been carried out is never sent again.
   */
  readonly repeatable?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a request for a line of text may be given. */
export interface TextRequestOptions extends RequestOptions {
  /** What ends the answer. Default: that of the line. */
  readonly terminator?: string | undefined;
}

/**
 * A line to a device: it writes requests and reads answers, one request at a time, in the order they were made.
 *
 * The first request opens it; after a loss the next one opens it again. What arrives between requests is no answer to the next
 * one, and is thrown away; neither is the late answer of a request that was given up.
 *
 * Every request throws
 * - LineUnreachableError when the line cannot be opened: nothing was sent,
 * - LineTimeoutError when the answer is late, LineLostError when the connection breaks, LineOverflowError when the answer is too
 *   long: the device may have done what was asked,
 * - LineBusyError when too many requests wait, LineClosedError after `close`,
 * - the signal's reason.
 */
export interface Line extends AsyncDisposable {
  /** `tcp://host:port`, `serial:///dev/ttyS0`, or as the options say. */
  readonly name: string;
  /** Whether a connection stands, as far as this side knows. */
  readonly isOpen: boolean;

  /** Sends, and waits for no answer. Nothing is added to the text. */
  write(request: string | Uint8Array, options?: RequestOptions): Promise<void>;
  /** Sends, and reads up to the terminator, which is cut off. */
  writeRead(request: string | Uint8Array, options?: TextRequestOptions): Promise<string>;
  /** Sends, and reads that many bytes. */
  writeReadBytes(request: string | Uint8Array, count: number, options?: RequestOptions): Promise<Uint8Array>;
  /**
   * Sends, and reads an answer of any form: `receive` is given the reader, and the line is the request's until it is done. When
   * it throws, the rest of the answer is unknown: the line is dropped, and opened anew for the next request. So take the whole
   * answer first, judge it afterwards. With the request `undefined` nothing is sent, and what has arrived before is read too.
   */
  exchange<T>(
    request: string | Uint8Array | undefined,
    receive: (reader: LineReader) => Promise<T>,
    options?: RequestOptions,
  ): Promise<T>;

  /** The last things that went over the line, oldest first. */
  readonly trace: readonly TraceEntry[];
  /** Calls `listener` with everything that goes over the line. Returns the way out. */
  onTrace(listener: (entry: TraceEntry) => void): () => void;

  /** Ends the connection and every request. Twice is fine. */
  close(): Promise<void>;
}
