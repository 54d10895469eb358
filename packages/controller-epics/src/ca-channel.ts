import { type Clock, deferred, Gate, within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { CaCircuit, ServerChannel } from "./ca-circuit.js";
import { type CaMessage, caCommand } from "./ca-message.js";
import { dbrType, decodeReading, encodeValue } from "./ca-value.js";
import type { PvListener, PvOptions, PvReading } from "./channel-access.js";
import { EpicsDisconnectedError, EpicsError, EpicsRefusedError, EpicsTimeoutError } from "./epics-error.js";

/** Seconds between two attempts to make a channel. */
const retryPause = 0.5;

export interface CaChannelOptions {
  /** By which this client knows the channel. */
  readonly id: number;
  readonly name: string;
  readonly clock: Clock;
  /** Seconds that finding and each answer may take. */
  readonly timeout: number;
  /** Where was asked, for messages. */
  readonly places: string;
  /** Finds the server of the name and connects to it. */
  connect(signal: AbortSignal): Promise<CaCircuit>;
}

interface Link extends ServerChannel {
  readonly circuit: CaCircuit;
}

/** One process variable: found, connected, and connected again when its server comes back, until it is closed. */
export class CaChannel {
  readonly name: string;
  /** Calls in progress. */
  users = 0;
  readonly #options: CaChannelOptions;
  readonly #closing = new AbortController();
  readonly #connected = new Gate();
  readonly #monitors = new Map<PvListener, number | undefined>();
  readonly #running: Promise<void>;
  #link: Link | undefined;
  #lastFailure: unknown;

  constructor(options: CaChannelOptions) {
    this.name = options.name;
    this.#options = options;
    this.#running = this.#run().catch((error: unknown) => {
      this.#lastFailure = error; // the reason why it was closed
    });
  }

  get isConnected(): boolean {
    return this.#link !== undefined;
  }

  get isMonitored(): boolean {
    return this.#monitors.size > 0;
  }

  /** Resolves when the channel is there. @throws EpicsTimeoutError, EpicsDisconnectedError when closed, the signal's reason */
  async connect({ signal }: PvOptions): Promise<void> {
    await this.#linked(signal);
  }

  async get(dataType: number, { signal }: PvOptions): Promise<PvReading> {
    const link = await this.#linked(signal);
    if (!link.mayRead) throw new EpicsRefusedError(this.name, `${this.name} cannot be read: no access for reading`);
    const request = { command: caCommand.readNotify, dataType, p1: link.sid };
    const reply = await this.#answered(link, "read", signal, (inner) => link.circuit.request(request, inner));
    return decodeReading(reply.dataType, reply.payload);
  }

  async put(value: number | string, { signal }: PvOptions): Promise<void> {
    const link = await this.#writable(value, signal);
    const request = { p1: link.sid, ...encodeValue(value) };
    await this.#answered(link, `set to ${value}`, signal, (inner) => link.circuit.write(request, inner));
  }

  async putAndWait(value: number | string, { signal }: PvOptions): Promise<void> {
    const link = await this.#writable(value, signal);
    const request = { command: caCommand.writeNotify, p1: link.sid, ...encodeValue(value) };
    const ask = (inner: AbortSignal): Promise<CaMessage> => link.circuit.request(request, inner);
    await this.#answered(link, `set to ${value}`, signal, ask, Number.POSITIVE_INFINITY);
  }

  monitor(listener: PvListener): () => void {
    this.#monitors.set(listener, undefined);
    if (this.#link) this.#subscribe(this.#link, listener);
    return () => {
      const id = this.#monitors.get(listener);
      this.#monitors.delete(listener);
      if (id !== undefined) this.#link?.circuit.unsubscribe(this.#link.sid, dbrType.timeDouble, id);
    };
  }

  /** Gives the channel up; its server is not told, as the connection goes too. */
  async close(): Promise<void> {
    this.#closing.abort(new EpicsDisconnectedError(this.name, `${this.name} was closed`));
    this.#connected.open(); // whoever waits finds it closed
    await this.#running;
  }

  async #writable(value: number | string, signal: AbortSignal | undefined): Promise<Link> {
    const link = await this.#linked(signal);
    if (link.mayWrite) return link;
    throw new EpicsRefusedError(this.name, `${this.name} cannot be set to ${value}: no access for writing`);
  }

  async #linked(signal: AbortSignal | undefined): Promise<Link> {
    this.#closing.signal.throwIfAborted();
    if (this.#link) return this.#link;
    const { clock, timeout, places } = this.#options;
    const late = (): Error =>
      new EpicsTimeoutError(
        this.name,
        `${this.name} was not found within ${timeout} s, asking ${places}: see that its IOC runs, and that its address is listed`,
        { cause: this.#lastFailure },
      );
    const waiting = new AbortController();
    try {
      await within(timeout, this.#connected.wait({ signal: waiting.signal }), { clock, signal, late });
    } finally {
      waiting.abort();
    }
    return this.#linked(signal);
  }

  /** Waits for the answer to one request, and says whose it is when it fails. */
  async #answered<T>(
    link: Link,
    what: string,
    signal: AbortSignal | undefined,
    ask: (signal: AbortSignal) => Promise<T>,
    patience = this.#options.timeout,
  ): Promise<T> {
    const asking = new AbortController();
    const late = (): Error =>
      new EpicsTimeoutError(
        this.name,
        `${this.name} could not be ${what}: its IOC did not answer within ${patience} s`,
      );
    try {
      return await within(patience, ask(asking.signal), { clock: this.#options.clock, signal, late });
    } catch (error) {
      if (signal?.aborted || error instanceof EpicsError) throw error;
      const message = `${this.name} could not be ${what}: ${errorMessage(error)}`;
      const kind = link.circuit.isLost ? EpicsDisconnectedError : EpicsRefusedError;
      throw new kind(this.name, message, { cause: error });
    } finally {
      asking.abort();
    }
  }

  async #run(): Promise<never> {
    const { signal } = this.#closing;
    for (;;) {
      try {
        await this.#live(await this.#options.connect(signal));
      } catch (error) {
        signal.throwIfAborted();
        this.#lastFailure = error;
      }
      await this.#options.clock.sleep(retryPause, { signal });
    }
  }

  /** From the making of the channel to its end. @throws why it has ended */
  async #live(circuit: CaCircuit): Promise<never> {
    const { id, name } = this.#options;
    const { signal } = this.#closing;
    const ended = deferred<never>();
    const close = (): void => ended.reject(signal.reason);
    signal.addEventListener("abort", close, { once: true });
    try {
      signal.throwIfAborted();
      circuit.create(id, name, {
        created: (channel) => {
          if (!signal.aborted) this.#enter({ ...channel, circuit });
        },
        allowed: (rights) => {
          if (this.#link) this.#link = { ...this.#link, ...rights };
        },
        refused: (reason) => ended.reject(new Error(reason)),
      });
      return await Promise.race([ended.promise, circuit.lost.then((reason) => Promise.reject(reason))]);
    } catch (error) {
      this.#leave(error);
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  #enter(link: Link): void {
    this.#link = link;
    for (const listener of this.#monitors.keys()) this.#subscribe(link, listener);
    this.#connected.open();
  }

  #leave(reason: unknown): void {
    const link = this.#link;
    this.#link = undefined;
    this.#lastFailure = reason;
    this.#connected.close();
    if (!link || this.#closing.signal.aborted) return;
    const lost = new EpicsDisconnectedError(this.name, `${this.name} is gone: ${errorMessage(reason)}`, {
      cause: reason,
    });
    for (const [listener, id] of this.#monitors) {
      if (id !== undefined) link.circuit.unsubscribe(link.sid, dbrType.timeDouble, id);
      this.#monitors.set(listener, undefined);
      listener.lost?.(lost);
    }
  }

  #subscribe({ circuit, sid }: Link, listener: PvListener): void {
    const hear = ({ dataType, payload }: CaMessage): void => listener.value(decodeReading(dataType, payload));
    this.#monitors.set(listener, circuit.subscribe(sid, dbrType.timeDouble, hear));
  }
}
