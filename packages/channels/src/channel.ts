import { within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { PickleInput, PlainValue } from "@beamtime/protocol";
import { ChangeFeed } from "./change-feed.js";
import { ChannelError } from "./channel-error.js";
import { ChannelTimeoutError } from "./channel-timeout-error.js";
import { type BusOptions, type BusPlace, joinBus, warnProcess } from "./process-bus.js";
import { SharedValue, type ValueListener } from "./shared-value.js";

/** How long to wait for the first value, and for the last one to be published, in seconds; as BLISS. */
const defaultTimeout = 10;

export interface ChannelOptions<T> extends BusOptions {
  /** The value while no other process has one; it is not published. Default null. */
  readonly defaultValue?: T | undefined;
  /** Sets the channel as soon as it is open, whatever others have. */
  readonly value?: T | undefined;
  /** How long `ready` waits, in seconds. Default 10. */
  readonly timeout?: number | undefined;
  /** Checks what other processes set, e.g. `z.boolean().parse`. A value for which it throws is told, and not taken. */
  readonly parse?: ((value: PlainValue) => T) | undefined;
}

/**
 * A value shared by all processes of a beamline that have a channel of that name, BLISS sessions among them. Nothing
 * keeps it but these processes; whoever comes later asks them. Of two values, that which was set later wins, by the clocks
 * of the processes.
 *
 * Values are plain data. Numbers arrive in Python as int where they are integral (`pyFloat` makes a float of one), and
 * what comes from there is plain as `toPlain` has it. A channel keeps its process running until it is closed.
 *
 * @example
 * await using stop = new Channel("stop_alignment", { defaultValue: false });
 * await stop.ready();
 * stop.onChange((value) => console.log(value));
 * stop.value = true;
 * @see BLISS `bliss/config/channels.py`, class `Channel`
 */
export class Channel<T = PlainValue> implements AsyncDisposable, AsyncIterable<T> {
  readonly name: string;
  readonly #place: BusPlace<SharedValue>;
  readonly #shared: SharedValue;
  readonly #listener: ValueListener;
  readonly #timeout: number;
  readonly #parse: (value: PlainValue) => T;
  readonly #onError: (error: Error) => void;
  readonly #feed: ChangeFeed<T>;
  #value: T;
  #closing: Promise<void> | undefined;

  /** @throws ArgumentError for a value that cannot be pickled; ChannelError when the name is that of an EventChannel here */
  constructor(name: string, options: ChannelOptions<T> = {}) {
    const { defaultValue, value, bus, timeout = defaultTimeout } = options;
    this.name = name;
    this.#timeout = timeout;
    // without a parser the values of others are taken for what the caller says they are
    this.#parse = options.parse ?? ((plain) => plain as T);
    this.#onError = options.onError ?? warnProcess;
    this.#feed = new ChangeFeed(this.#onError);
    // without a default a channel has None, for which T then has a place
    this.#value = defaultValue === undefined ? (null as T) : defaultValue;
    this.#listener = { changed: (plain) => this.#changed(plain), warn: (error) => this.#onError(error) };
    this.#place = joinBus(bus, (joined) => SharedValue.join(joined, name, this.#listener));
    this.#shared = this.#place.shared;
    const { plain } = this.#shared;
    if (plain !== undefined) this.#adopt(plain);
    try {
      if (defaultValue !== undefined) this.#shared.setDefault(pickled(defaultValue));
      if (value !== undefined) this.value = value;
    } catch (error) {
      this.close().catch(() => {}); // the error tells
      throw error;
    }
  }

  /**
   * The last known value; the default until one is known. Setting it publishes it, soon: several values that are set
   * without a pause between them are one, the last. What goes wrong is told to `onError`.
   */
  get value(): T {
    return this.#value;
  }

  set value(value: T) {
    this.#set(value).catch((error: unknown) => this.#report(error));
  }

  /** When the value was set, in seconds since 1970 by the clock of who set it; undefined while none is known. */
  get timestamp(): number | undefined {
    return this.#shared.timestamp;
  }

  /**
   * Sets the value here at once; resolves when it, or a newer one, is published, which waits for a lost connection.
   *
   * @param options.timestamp when the value was new, in seconds since 1970, where that was before: a value that another process has set
   * since, and that has not arrived here yet, wins. Default now
   * @throws ArgumentError when it cannot be pickled; ChannelError within a callback of a channel of this name, or when
   * Redis refuses it
   */
  async set(value: T, { timestamp }: { timestamp?: number | undefined } = {}): Promise<void> {
    await this.#set(value, timestamp);
  }

  /**
   * Resolves with the value once the bus is open and a value is known: one set here, that of another process, or the
   * default when none has any.
   *
   * @throws ChannelTimeoutError when a process that has the channel does not answer in time
   * @throws the error for which the bus could not be opened; the reason of the signal
   */
  async ready({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    await this.#inTime(
      this.#shared.ready,
      () => `no value within ${this.#timeout} s: ${this.#shared.whyUnknown}`,
      signal,
    );
    return this.#value;
  }

  /** Calls `callback` with each value that is taken from now on, also one that is set here. Returns the way out. */
  onChange(callback: (value: T) => void): () => void {
    return this.#feed.onChange(callback);
  }

  /** Each value that is taken from now on, in order; a loop that is slow loses the oldest beyond 1000. Ends with the channel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.#feed.iterate();
  }

  /** Publishes what is not published yet (no longer than `timeout`), then leaves the channel. Twice is fine. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #set(value: T, timestamp?: number): Promise<void> {
    if (this.#closing) throw new ChannelError(this.name, "is closed");
    return this.#shared.set(pickled(value), timestamp);
  }

  async #close(): Promise<void> {
    try {
      await this.#inTime(this.#shared.published, () => `the last value was not published within ${this.#timeout} s`);
    } catch (error) {
      if (error instanceof ChannelTimeoutError) this.#report(error); // other failures were told when it was set
    }
    this.#shared.leave(this.#listener);
    this.#feed.end();
    await this.#place.release();
  }

  async #inTime(promise: Promise<void>, late: () => string, signal?: AbortSignal): Promise<void> {
    const { clock } = this.#place.bus;
    await within(this.#timeout, promise, { clock, signal, late: () => new ChannelTimeoutError(this.name, late()) });
  }

  #changed(plain: PlainValue): void {
    if (this.#adopt(plain)) this.#feed.tell(this.#value, [this.#value]);
  }

  /** Whether the value could be taken. */
  #adopt(plain: PlainValue): boolean {
    try {
      this.#value = this.#parse(plain);
      return true;
    } catch (cause) {
      this.#onError(new ChannelError(this.name, `a value is not as expected: ${errorMessage(cause)}`, { cause }));
      return false;
    }
  }

  #report(error: unknown): void {
    this.#onError(error instanceof Error ? error : new ChannelError(this.name, errorMessage(error)));
  }
}

/** What T says is plain data; the writer refuses what is none. */
function pickled(value: unknown): PickleInput {
  return value as PickleInput;
}
