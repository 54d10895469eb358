import { errorMessage } from "@beamtime/errors";
import {
  type ChannelValue,
  encodeChannelValue,
  type PickleInput,
  type PlainValue,
  toPlain,
  writePickle,
} from "@beamtime/protocol";
import type { ChannelBus } from "./channel-bus.js";
import { ChannelError } from "./channel-error.js";
import { SharedMember } from "./shared-member.js";

/** Events that wait to be published; the oldest are dropped beyond. */
const maxPending = 10_000;

/** What each event channel of the name is told. */
export interface EventListener {
  happened(events: readonly PlainValue[]): void;
  warn(error: Error): void;
}

/** The events of one name in one process: collects and publishes those of here, takes those of all. */
export class SharedEvents extends SharedMember<EventListener> {
  #pending: PickleInput[] = [];

  /** Enters the one of that name on the bus, made where there is none. @throws ChannelError when it is a Channel's */
  static join(bus: ChannelBus, name: string, listener: EventListener): SharedEvents {
    const shared = bus.member(name) ?? new SharedEvents(bus, name);
    if (!(shared instanceof SharedEvents)) {
      throw new ChannelError(name, "is a Channel in this process, and cannot be an EventChannel too");
    }
    shared.enter(listener);
    return shared;
  }

  /** No value is kept: whoever asks is told that there are no events. */
  get held(): ChannelValue<PickleInput> {
    return { timestamp: this.bus.clock.epoch(), value: [] };
  }

  /**
   * Resolves when the event is published.
   *
   * @throws ArgumentError when it cannot be pickled; the error for which the bus is closed or could not be opened
   */
  post(event: PickleInput): Promise<void> {
    this.checkOpen();
    writePickle(event);
    this.#pending.push(event);
    if (this.#pending.length > maxPending) this.#pending.shift();
    return this.publish();
  }

  subscribed(): void {
    this.isSubscribed = true;
    this.usable.resolve();
    this.publishPending();
  }

  receive({ value }: ChannelValue): void {
    try {
      const events = toPlain(value);
      if (!Array.isArray(events)) throw new ChannelError(this.name, "expected a list of events");
      for (const listener of [...this.listeners]) listener.happened(events);
    } catch (cause) {
      const message = `events cannot be used and are ignored: ${errorMessage(cause)}`;
      this.warn(new ChannelError(this.name, message, { cause }));
    }
  }

  protected content(): { bytes: Uint8Array; repeats: boolean } {
    const events = this.#pending;
    this.#pending = [];
    return { bytes: encodeChannelValue({ timestamp: this.bus.clock.epoch(), value: events }), repeats: true };
  }
}
