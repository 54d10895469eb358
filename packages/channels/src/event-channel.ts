import { abortable } from "@beamtime/concurrency";
import type { PickleInput, PlainValue } from "@beamtime/protocol";
import { ChangeFeed } from "./change-feed.js";
import { ChannelError } from "./channel-error.js";
import { type BusOptions, type BusPlace, joinBus, warnProcess } from "./process-bus.js";
import { type EventListener, SharedEvents } from "./shared-events.js";

/**
 * Events told to all processes of a beamline that have an event channel of that name, this one included. Nothing is kept:
 * who comes later has missed what was before. Events are plain data, as the values of a {@link Channel}; whether they are
 * of type E is for the reader to check.
 *
 * @see BLISS `bliss/config/channels.py`, class `EventChannel`
 */
export class EventChannel<E = PlainValue> implements AsyncDisposable, AsyncIterable<E> {
  readonly name: string;
  readonly #place: BusPlace<SharedEvents>;
  readonly #listener: EventListener;
  readonly #feed: ChangeFeed<E, readonly E[]>;
  #closing: Promise<void> | undefined;

  /** @throws ChannelError when the name is that of a Channel here */
  constructor(name: string, options: BusOptions = {}) {
    this.name = name;
    const { bus, onError = warnProcess } = options;
    const feed = new ChangeFeed<E, readonly E[]>(onError);
    this.#feed = feed;
    // what others post is taken for what the caller says it is
    this.#listener = { happened: (events) => feed.tell(events as E[], events as E[]), warn: onError };
    this.#place = joinBus(bus, (joined) => SharedEvents.join(joined, name, this.#listener));
  }

  /** Resolves when the events of others arrive. @throws the error for which the bus could not be opened */
  async ready({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    await abortable(this.#place.shared.ready, signal);
  }

  /**
   * Tells an event; those that are posted without a pause between them arrive together. Resolves when it is published.
   * While the connection is lost up to 10,000 events wait for it.
   *
   * @throws ArgumentError when it cannot be pickled; ChannelError when Redis refuses it
   */
  async post(event: E): Promise<void> {
    if (this.#closing) throw new ChannelError(this.name, "is closed");
    // what E says is plain data: the writer refuses what is none
    await this.#place.shared.post(event as PickleInput);
  }

  /** Calls `callback` with the events that arrive together, those of this process too. Returns the way out. */
  onEvents(callback: (events: readonly E[]) => void): () => void {
    return this.#feed.onChange(callback);
  }

  /** Each event from now on, in order; a loop that is slow loses the oldest beyond 1000. Ends with the channel. */
  [Symbol.asyncIterator](): AsyncIterableIterator<E> {
    return this.#feed.iterate();
  }

  /** Leaves the channel; events that are not published yet are lost. Twice is fine. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#place.shared.leave(this.#listener);
    this.#feed.end();
    await this.#place.release();
  }
}
