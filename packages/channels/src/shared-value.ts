import { errorMessage } from "@beamtime/errors";
import {
  type ChannelValue,
  encodeChannelValue,
  type PickleInput,
  type PickleValue,
  type PlainValue,
  readPickle,
  toPlain,
  writePickle,
} from "@beamtime/protocol";
import type { ChannelBus } from "./channel-bus.js";
import { ChannelError } from "./channel-error.js";
import type { ChannelQuery } from "./channel-query.js";
import { SharedMember } from "./shared-member.js";

/** Least difference of two timestamps of one channel, in seconds. */
const tick = 1e-6;

/** What each channel of the name is told. */
export interface ValueListener {
  changed(value: PlainValue): void;
  warn(error: Error): void;
}

/** The value of one name in one process: asks for it, holds it, takes newer ones, and publishes those that are set here. */
export class SharedValue extends SharedMember<ValueListener> {
  #held: (ChannelValue & { readonly plain: PlainValue }) | undefined;
  #defaultValue: PickleValue = null;
  #query: ChannelQuery | undefined;
  #wasLost = false;
  #isFiring = false;

  /** Enters the one of that name on the bus, made where there is none. @throws ChannelError when it is an EventChannel's */
  static join(bus: ChannelBus, name: string, listener: ValueListener): SharedValue {
    const shared = bus.member(name) ?? new SharedValue(bus, name);
    if (!(shared instanceof SharedValue)) {
      throw new ChannelError(name, "is an EventChannel in this process, and cannot be a Channel too");
    }
    shared.enter(listener);
    return shared;
  }

  get held(): ChannelValue<PickleInput> | null {
    return this.#held ?? null;
  }

  get timestamp(): number | undefined {
    return this.#held?.timestamp;
  }

  /** Undefined while none is known. */
  get plain(): PlainValue | undefined {
    return this.#held?.plain;
  }

  /** Why no value is known yet, for messages. */
  get whyUnknown(): string {
    if (!this.isSubscribed) return "there is no connection to Redis";
    return `${this.#query?.missing ?? "nobody was asked"}: end or wake the process that has the channel and is stopped`;
  }

  /** What is taken when nobody has a value. @throws ArgumentError when it cannot be pickled */
  setDefault(value: PickleInput): void {
    this.#defaultValue = readPickle(writePickle(value));
  }

  /**
   * Takes and publishes a value.
   *
   * @param since when it was new; it is newer than the one that is known in any case
   * @returns resolves when it is published, or a newer one is
   * @throws ArgumentError when it cannot be pickled; ChannelError within a callback of the same channel; the error for
   * which the bus is closed or could not be opened
   */
  set(value: PickleInput, since = this.bus.clock.epoch()): Promise<void> {
    if (this.#isFiring) {
      const message = "cannot be set while its callbacks run: set it after them, e.g. after an await";
      throw new ChannelError(this.name, message);
    }
    this.checkOpen();
    const exact = readPickle(writePickle(value));
    const timestamp = Math.max(since, (this.#held?.timestamp ?? 0) + tick);
    this.#hold({ timestamp, value: exact });
    return this.publish();
  }

  subscribed(): void {
    this.isSubscribed = true;
    if (this.#held) this.usable.resolve();
    this.publishPending();
    // what was set here first is not asked for, as in BLISS; after a loss others may have a newer one
    if (!this.#held || this.#wasLost) this.#query = this.bus.ask(this.name, (value) => this.#answered(value));
  }

  override unsubscribed(): void {
    super.unsubscribed();
    this.#wasLost = true;
  }

  receive(value: ChannelValue): void {
    if (this.#held && !(value.timestamp > this.#held.timestamp)) return;
    try {
      this.#hold(value);
    } catch (cause) {
      const message = `a value cannot be used and is ignored: ${errorMessage(cause)}`;
      this.warn(new ChannelError(this.name, message, { cause }));
    }
  }

  protected content(): { bytes: Uint8Array; repeats: boolean } {
    const { timestamp, value } = this.#held ?? { timestamp: 0, value: null }; // only what is held is published
    return { bytes: encodeChannelValue({ timestamp, value }), repeats: false };
  }

  #answered(value: ChannelValue | null): void {
    if (value) this.receive(value);
    else if (!this.#held) this.#hold({ timestamp: this.bus.clock.epoch(), value: this.#defaultValue });
  }

  /** @throws PickleError when it has no plain form */
  #hold({ timestamp, value }: ChannelValue): void {
    const plain = toPlain(value);
    this.#held = { timestamp, value, plain };
    if (this.isSubscribed) this.usable.resolve();
    this.#isFiring = true;
    try {
      for (const listener of [...this.listeners]) listener.changed(plain);
    } finally {
      this.#isFiring = false;
    }
  }
}
