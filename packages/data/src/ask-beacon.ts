import { connect, type Socket } from "node:net";
import { abortable } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { type BeaconFrame, beaconMessage, encodeFrame, FrameDecoder, ProtocolError } from "@beamtime/protocol";
import type { RedisTarget } from "@beamtime/redis";
import { BeaconError } from "./beacon-error.js";

/** Reply frames of addresses are short: a peer that announces more is no Beacon server. */
const maxPayload = 64 * 1024;

/** As long as the Python client waits for an answer, and some more for the connection. */
const patienceMs = 5000;

/**
 * Asks a Beacon server where the Redis server with the scans is.
 *
 * @param address `host:port`
 * @throws BeaconError when the server cannot be reached, breaks the protocol or has no data Redis
 */
export async function askBeacon(
  address: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<RedisTarget> {
  const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(address) ?? [];
  if (!host) {
    throw new BeaconError(
      address,
      `'${address}' is no address of a Beacon server: expected host:port, as in BEACON_HOST`,
    );
  }
  signal?.throwIfAborted();
  const socket = connect({ host, port: Number(port) });
  try {
    return await abortable(exchange(socket, address), signal);
  } finally {
    socket.destroy();
  }
}

/** One request, one reply; whatever else happens on the socket is a failure. */
function exchange(socket: Socket, address: string): Promise<RedisTarget> {
  return new Promise((resolve, reject) => {
    const frames = new FrameDecoder({ maxPayload });
    const fail = (why: string, cause?: unknown): void => {
      reject(new BeaconError(address, `the Beacon server at ${address} ${why}`, { cause }));
    };
    socket.on("error", (error) => {
      fail(`cannot be asked: ${errorMessage(error)}; check the address and that it runs`, error);
    });
    socket.setTimeout(patienceMs, () => fail(`did not answer within ${patienceMs / 1000} s`));
    socket.on("close", () => fail("closed the connection without an answer"));
    socket.on("data", (chunk: Buffer) => {
      try {
        const frame = frames.push(chunk)[0];
        if (frame) resolve(targetOf(frame));
      } catch (error) {
        fail(errorMessage(error), error);
      }
    });
    socket.write(encodeFrame(beaconMessage.redisDataQuery, "1|"));
  });
}

function targetOf({ type, payload }: BeaconFrame): RedisTarget {
  const [, host, where, ...rest] = new TextDecoder().decode(payload).split("|");
  if (type === beaconMessage.redisDataFailed)
    throw new ProtocolError(`has no data Redis: ${host ?? "no reason given"}`);
  if (type !== beaconMessage.redisDataOk || !host || !where) {
    throw new ProtocolError(
      `answered with message ${type}, expected ${beaconMessage.redisDataOk} with a host and a port`,
    );
  }
  // What is no number is the path of a Unix socket, in which the separator may occur.
  return /^\d+$/.test(where) ? { host, port: Number(where) } : { path: [where, ...rest].join("|") };
}
