import { type Clock, Gate, within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import type { BeaconFrame } from "@beamtime/protocol";
import { addressText, type BeaconAddress } from "./beacon-address.js";
import { BeaconError } from "./beacon-error.js";
import { type BeaconSocket, openBeaconSocket } from "./beacon-socket.js";

/** `lost` connections come back to `ready` by themselves; `closed` is the end. */
export type BeaconState = "ready" | "lost" | "closed";

/** Pauses between two attempts to reconnect, in seconds. */
const shortestPause = 0.05;
const longestPause = 1;

/** How long a request waits for a connection that was lost, in seconds. */
const patience = 10;

export interface BeaconLinkOptions {
  readonly address: BeaconAddress;
  readonly name: string;
  readonly clock: Clock;
  readonly onFrame: (frame: BeaconFrame) => void;
  readonly onState: (state: BeaconState) => void;
}

/** A connection to a Beacon server that is made anew whenever it is lost, until it is closed. */
export class BeaconLink {
  /** `host:port` or socket path, for messages. */
  readonly address: string;
  readonly clock: Clock;
  readonly #options: BeaconLinkOptions;
  readonly #up = new Gate();
  readonly #closing = new AbortController();
  #state: BeaconState = "lost";
  #socket: BeaconSocket | undefined;
  #lastError: Error | undefined;
  #reconnecting: Promise<void> = Promise.resolve();

  constructor(options: BeaconLinkOptions) {
    this.address = addressText(options.address);
    this.clock = options.clock;
    this.#options = options;
  }

  get state(): BeaconState {
    return this.#state;
  }

  /** Why the connection was lost, or does not come back. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** When the server last said anything, on the clock. */
  get heardAt(): number {
    return this.#socket?.heardAt ?? Number.NEGATIVE_INFINITY;
  }

  /** Makes the first connection. @throws BeaconError when the server cannot be reached */
  async open({ signal }: { signal?: AbortSignal | undefined }): Promise<void> {
    const socket: BeaconSocket = await openBeaconSocket({
      ...this.#options,
      signal,
      onClose: (why) => this.#lose(socket, why),
    });
    if (this.#closing.signal.aborted) {
      socket.destroy();
      throw this.#closed();
    }
    this.#socket = socket;
    this.#lastError = undefined;
    this.#enter("ready");
    this.#up.open();
  }

  /** Sends now, where there is a connection; what cannot be sent is lost with it. */
  send(type: number, payload: Uint8Array | string): void {
    this.#socket?.send(type, payload);
  }

  /** Resolves when there is a connection. @throws BeaconError when none comes back in time, or it is closed */
  async ready(what: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#state === "ready") return;
    const late = (): BeaconError => {
      const why = this.#lastError ? `: ${errorMessage(this.#lastError)}` : "";
      return new BeaconError(
        this.address,
        `cannot ${what}: the connection to the Beacon server at ${this.address} was lost and did not come back within ${patience} s${why}; check that the server runs`,
        { cause: this.#lastError },
      );
    };
    if (this.#state !== "closed") await within(patience, this.#up.wait(), { clock: this.clock, signal, late });
    if (this.#closing.signal.aborted) throw this.#closed();
  }

  /** Gives the connection up for lost: nothing was heard for too long. */
  drop(why: Error): void {
    this.#socket?.destroy(why);
  }

  /** Twice is fine. */
  async close(): Promise<void> {
    if (this.#state !== "closed") {
      this.#closing.abort(this.#closed());
      this.#socket?.end();
      this.#socket = undefined;
      this.#enter("closed");
      this.#up.open(); // whoever waits is told that it is closed
    }
    await this.#reconnecting;
  }

  #lose(socket: BeaconSocket, why: Error | undefined): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    this.#up.close();
    this.#lastError = why;
    this.#enter("lost");
    this.#reconnecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    for (let pause = shortestPause; !signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      try {
        await this.clock.sleep(pause, { signal });
        await this.open({ signal });
        return;
      } catch (error) {
        if (error instanceof Error) this.#lastError = error;
      }
    }
  }

  #closed(): BeaconError {
    return new BeaconError(this.address, `the connection to the Beacon server at ${this.address} is closed`);
  }

  #enter(state: BeaconState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }
}
