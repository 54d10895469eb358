import { type Deferred, deferred } from "@beamtime/concurrency";
import type { ChannelValue, PickleInput } from "@beamtime/protocol";
import type { BusMember, Outgoing } from "./bus-member.js";
import type { ChannelBus } from "./channel-bus.js";
import { ChannelError } from "./channel-error.js";

/** What all channels of one name in one process have in common: on the bus from the first of them to the last. */
export abstract class SharedMember<Listener extends { warn(error: Error): void }> implements BusMember {
  readonly name: string;
  protected readonly bus: ChannelBus;
  protected readonly listeners = new Set<Listener>();
  protected isSubscribed = false;
  /** Settled by who extends it when it is of use, or here when it never will be. */
  protected readonly usable = deferred<void>();
  readonly #usable: Promise<void>;
  #failure: Error | undefined;
  /** Settled when what is to be published is; undefined while there is nothing. */
  #unpublished: Deferred<void> | undefined;
  /** That of the last request to publish, also while it is on its way. */
  #published: Promise<void> = Promise.resolve();

  constructor(bus: ChannelBus, name: string) {
    this.bus = bus;
    this.name = name;
    this.#usable = this.usable.promise;
    this.#usable.catch(() => {}); // told to who waits for it
  }

  abstract get held(): ChannelValue<PickleInput> | null;
  abstract subscribed(): void;
  abstract receive(value: ChannelValue): void;

  /** Bytes of what is to be published now, and what to do when they could not be sent: true to send them again. */
  protected abstract content(): { readonly bytes: Uint8Array; readonly repeats: boolean };

  /** Comes in; the first one takes the name on the bus. */
  enter(listener: Listener): void {
    if (this.listeners.size === 0) this.bus.attach(this);
    this.listeners.add(listener);
  }

  /** Leaves; the last one takes the name off the bus. */
  leave(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size > 0) return;
    this.bus.detach(this);
    this.fail(new ChannelError(this.name, "is closed"));
  }

  /** Resolves when it is of use. @throws the error for which it never will be */
  get ready(): Promise<void> {
    return this.#usable;
  }

  /** Resolves when all is published. */
  get published(): Promise<void> {
    return this.#published;
  }

  unsubscribed(): void {
    this.isSubscribed = false;
  }

  warn(error: Error): void {
    for (const listener of this.listeners) listener.warn(error);
  }

  fail(error: Error): void {
    this.#failure ??= error;
    this.usable.reject(error);
    this.#unpublished?.reject(error);
  }

  take(): Outgoing | undefined {
    const unpublished = this.#unpublished;
    if (!unpublished) return undefined;
    this.#unpublished = undefined;
    const { bytes, repeats } = this.content();
    return {
      name: this.name,
      bytes,
      sent: () => unpublished.resolve(),
      failed: (error) => unpublished.reject(error),
      lost: () => {
        if (!repeats) this.#publishLater(unpublished);
        return repeats;
      },
    };
  }

  /** @throws the error for which nothing can be published */
  protected checkOpen(): void {
    if (this.#failure) throw this.#failure;
  }

  /** Publishes, soon. Resolves when it is done. */
  protected publish(): Promise<void> {
    this.#unpublished ??= deferred<void>();
    this.#published = this.#unpublished.promise;
    this.#published.catch(() => {}); // of what nobody waits for
    this.publishPending();
    return this.#published;
  }

  /** Publishes what waits for the subscription. */
  protected publishPending(): void {
    if (this.#unpublished && this.isSubscribed) this.bus.publish(this);
  }

  /** What was on its way is lost: the content of then is published, which is as new or newer. */
  #publishLater(lost: Deferred<void>): void {
    if (this.#failure) {
      lost.reject(this.#failure);
      return;
    }
    this.publish().then(
      () => lost.resolve(),
      (reason: unknown) => lost.reject(reason),
    );
  }
}
