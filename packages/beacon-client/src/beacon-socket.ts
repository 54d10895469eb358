import { connect } from "node:net";
import { type Clock, deferred, within } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { type BeaconFrame, beaconMessage, encodeFrame, FrameDecoder, ProtocolError } from "@beamtime/protocol";
import { addressText, type BeaconAddress } from "./beacon-address.js";
import { BeaconError } from "./beacon-error.js";

/** Configuration files are small: a peer that announces more is no Beacon server. In bytes. */
const maxPayload = 64 * 1024 * 1024;

/** How long the server may take to accept a connection and to confirm its name, in seconds. */
const greetingSeconds = 5;

/** Idle time, in ms, after which the system asks whether the server's machine is still there. */
const keepAliveMs = 10_000;

export interface BeaconSocketOptions {
  readonly address: BeaconAddress;
  /** Who holds its locks, for others. */
  readonly name: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onFrame: (frame: BeaconFrame) => void;
  /** The connection has ended; `why` has what went wrong, if that is known. */
  readonly onClose: (why: Error | undefined) => void;
}

/** One connection, from the greeting to its end. */
export interface BeaconSocket {
  /** Time of the clock when the server last said anything. */
  readonly heardAt: number;
  send(type: number, payload: Uint8Array | string): void;
  /** Ends it once all is sent. */
  end(): void;
  /** Ends it now. */
  destroy(why?: Error): void;
}

/**
 * Connects and tells the server the name of this client; its answer shows that it is a Beacon server and is awake.
 *
 * @throws BeaconError when there is no server, or something else
 */
export async function openBeaconSocket(options: BeaconSocketOptions): Promise<BeaconSocket> {
  const { address, name, clock, signal, onFrame, onClose } = options;
  const where = addressText(address);
  signal?.throwIfAborted();
  const socket = connect("path" in address ? { path: address.path } : { host: address.host, port: address.port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  const frames = new FrameDecoder({ maxPayload });
  const greeted = deferred<void>();
  let isGreeted = false;
  let heardAt = clock.now();
  let failure: Error | undefined;
  const receive = (frame: BeaconFrame): void => {
    if (isGreeted) {
      onFrame(frame);
      return;
    }
    // a server that has no names for its clients says so, and is one all the same
    if (frame.type !== beaconMessage.clientNameOk && frame.type !== beaconMessage.unknown) {
      throw new ProtocolError(`answered with message ${frame.type} instead of ${beaconMessage.clientNameOk}`);
    }
    isGreeted = true;
    greeted.resolve();
  };
  socket.on("connect", () => socket.write(encodeFrame(beaconMessage.setClientName, `0|${name}`)));
  socket.on("data", (chunk) => {
    heardAt = clock.now();
    try {
      for (const frame of frames.push(chunk)) receive(frame);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(errorMessage(error)));
    }
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => {
    if (isGreeted) onClose(failure);
    else greeted.reject(unreachable(where, failure));
  });
  try {
    const late = (): Error => new BeaconError(where, `${server(where)} did not answer within ${greetingSeconds} s`);
    await within(greetingSeconds, greeted.promise, { clock, signal, late });
  } catch (error) {
    greeted.promise.catch(() => {});
    socket.destroy();
    throw error;
  }
  return {
    get heardAt() {
      return heardAt;
    },
    send: (type, payload) => void socket.write(encodeFrame(type, payload)),
    end: () => void socket.end(() => socket.destroy()),
    destroy: (why) => void socket.destroy(why),
  };
}

function server(where: string): string {
  return `the Beacon server at ${where}`;
}

function unreachable(where: string, cause: Error | undefined): BeaconError {
  if (cause instanceof ProtocolError) return new BeaconError(where, `${server(where)} ${cause.message}`, { cause });
  const why = cause ? errorMessage(cause) : "it closed the connection at once";
  return new BeaconError(
    where,
    `${server(where)} cannot be reached: ${why}; check that it runs there, and the address: host:port, as in BEACON_HOST`,
    { cause },
  );
}
