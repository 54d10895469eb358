import { type Clock, systemClock } from "@beamtime/concurrency";
import { ArgumentError } from "@beamtime/errors";
import { type CaAddress, environmentAddresses, parseAddresses } from "./ca-addresses.js";
import { CaChannel } from "./ca-channel.js";
import { CaCircuit } from "./ca-circuit.js";
import { CaSearch } from "./ca-search.js";
import { dbrType } from "./ca-value.js";
import type { ChannelAccess, PvListener, PvOptions, PvReading } from "./channel-access.js";
import { EpicsProtocolError } from "./epics-error.js";

export interface CaClientOptions {
  /** Where to ask for process variables: `host:port`, or `host` for port 5064; broadcast addresses are fine. Default: as the environment says. */
  readonly addresses?: readonly string[] | undefined;
  /** Seconds that finding a process variable, and each answer, may take. Default 3. */
  readonly timeout?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Longest name that servers take, its final zero not counted. */
const longestName = 255;

/**
 * Process variables over Channel Access: names are searched by UDP, values go over one TCP connection to each server. Nothing is
 * sent before the first name is used.
 *
 * @example
 * await using epics = new CaClient({ addresses: ["ioc1:5064"] });
 * console.log((await epics.get("sim:mtr1.RBV")).value);
 */
export class CaClient implements ChannelAccess {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #search: CaSearch;
  readonly #places: string;
  readonly #channels = new Map<string, CaChannel>();
  readonly #circuits = new Map<string, Promise<CaCircuit>>();
  readonly #closing = new AbortController();
  #lastId = 0;

  /** @throws ArgumentError when an address is none, or there is none */
  constructor({ addresses, timeout = 3, clock = systemClock }: CaClientOptions = {}) {
    const places = addresses ? addresses.flatMap((text) => parseAddresses(text)) : environmentAddresses(process.env);
    if (places.length === 0) {
      const message = "no address to search process variables at; expected one, as ioc1:5064, or EPICS_CA_ADDR_LIST";
      throw new ArgumentError("addresses", message);
    }
    this.#clock = clock;
    this.#timeout = timeout;
    this.#search = new CaSearch(places, clock);
    this.#places = places.map(({ host, port }) => `${host}:${port}`).join(", ");
  }

  async connect(name: string, options: PvOptions = {}): Promise<void> {
    await this.#use(name, (channel) => channel.connect(options));
  }

  async get(name: string, options: PvOptions = {}): Promise<PvReading & { readonly value: number }> {
    const reading = await this.#use(name, (channel) => channel.get(dbrType.timeDouble, options));
    if (typeof reading.value !== "number") throw new EpicsProtocolError(`${name} came as a text: expected a number`);
    return { ...reading, value: reading.value };
  }

  async getText(name: string, options: PvOptions = {}): Promise<string> {
    return String((await this.#use(name, (channel) => channel.get(dbrType.timeString, options))).value);
  }

  async put(name: string, value: number | string, options: PvOptions = {}): Promise<void> {
    await this.#use(name, (channel) => channel.put(value, options));
  }

  async putAndWait(name: string, value: number | string, options: PvOptions = {}): Promise<void> {
    await this.#use(name, (channel) => channel.putAndWait(value, options));
  }

  monitor(name: string, listener: PvListener): () => void {
    return this.#channel(name).monitor(listener);
  }

  #channel(name: string): CaChannel {
    if (this.#closing.signal.aborted) throw new ArgumentError("name", `${name} is used after the client was closed`);
    if (name === "" || Buffer.byteLength(name) > longestName || /[\s\0]/.test(name)) {
      const message = `"${name.slice(0, 60)}" names no process variable; expected a name without blanks, as sim:mtr1.VAL`;
      throw new ArgumentError("name", message);
    }
    let channel = this.#channels.get(name);
    if (!channel) {
      this.#lastId += 1;
      const id = this.#lastId;
      const { places, clock, timeout } = { places: this.#places, clock: this.#clock, timeout: this.#timeout };
      const connect = (signal: AbortSignal): Promise<CaCircuit> => this.#find(id, name, signal);
      channel = new CaChannel({ id, name, clock, timeout, places, connect });
      this.#channels.set(name, channel);
    }
    return channel;
  }

  /** A name that nobody has is not searched for ever. */
  async #use<T>(name: string, use: (channel: CaChannel) => Promise<T>): Promise<T> {
    const channel = this.#channel(name);
    channel.users += 1;
    try {
      return await use(channel);
    } finally {
      channel.users -= 1;
      if (channel.users === 0 && !channel.isConnected && !channel.isMonitored && this.#channels.get(name) === channel) {
        this.#channels.delete(name);
        await channel.close();
      }
    }
  }

  async #find(id: number, name: string, signal: AbortSignal): Promise<CaCircuit> {
    const address = await this.#search.find(id, name, signal);
    const key = `${address.host}:${address.port}`;
    let circuit = this.#circuits.get(key);
    if (!circuit) {
      circuit = this.#open(key, address);
      this.#circuits.set(key, circuit);
    }
    return await circuit;
  }

  /** The connection outlives the channel that asked first: others share it. */
  async #open(key: string, address: CaAddress): Promise<CaCircuit> {
    try {
      const circuit = await CaCircuit.open(address, this.#clock, this.#closing.signal);
      void circuit.lost.then(() => this.#circuits.delete(key));
      return circuit;
    } catch (error) {
      this.#circuits.delete(key);
      throw error;
    }
  }

  /** Ends all connections; what waits for them throws. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("the client was closed"));
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    await Promise.all(channels.map((channel) => channel.close()));
    for (const circuit of await Promise.allSettled(this.#circuits.values())) {
      if (circuit.status === "fulfilled") circuit.value.close();
    }
    await this.#search[Symbol.asyncDispose]();
  }
}
