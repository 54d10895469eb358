import { lstat, rm } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { deferred } from "@beamtime/concurrency";
import { errorMessage } from "@beamtime/errors";
import { BeaconServerError } from "./beacon-server-error.js";

/** Listens on a TCP port. @throws BeaconServerError that names place and remedy */
export async function listenOnPort(server: Server, host: string, port: number): Promise<void> {
  try {
    await listening(server, () => server.listen({ port, host, backlog: 1024 }));
  } catch (error) {
    const code = codeOf(error);
    const reason = code === "EADDRINUSE" ? "another server has this port" : errorMessage(error);
    const advice = ["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"].includes(String(code))
      ? "give the host an address of this machine, or 0.0.0.0 for all of them"
      : "give another port, or 0 for a free one";
    throw new BeaconServerError(`cannot listen on ${host}:${port} (${reason}): ${advice}`, { cause: error });
  }
}

/**
 * Listens on a Unix socket that every user of the machine may connect to, as to the port. What a dead server has left
 * there is replaced.
 *
 * @throws BeaconServerError when a living server or another file has the path, or where it cannot be made
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  const listen = (): Promise<void> =>
    listening(server, () => server.listen({ path, backlog: 1024, readableAll: true, writableAll: true }));
  try {
    try {
      await listen();
    } catch (error) {
      if (codeOf(error) !== "EADDRINUSE" || !(await isStale(path))) throw error;
      await rm(path, { force: true });
      await listen();
    }
  } catch (error) {
    const reason = codeOf(error) === "EADDRINUSE" ? "another server or file has this path" : errorMessage(error);
    throw new BeaconServerError(`cannot listen on the Unix socket ${path} (${reason}): give another path`, {
      cause: error,
    });
  }
}

/** Whether it is a socket that nobody listens on. */
async function isStale(path: string): Promise<boolean> {
  if (!(await lstat(path).catch(() => undefined))?.isSocket()) return false;
  const outcome = deferred<boolean>();
  const probe = connect(path, () => outcome.resolve(false));
  probe.once("error", (error) => outcome.resolve(codeOf(error) === "ECONNREFUSED"));
  try {
    return await outcome.promise;
  } finally {
    probe.destroy();
  }
}

function listening(server: Server, listen: () => void): Promise<void> {
  const outcome = deferred<void>();
  const onError = (error: Error): void => outcome.reject(error);
  const onListening = (): void => outcome.resolve();
  server.once("error", onError);
  server.once("listening", onListening);
  listen();
  return outcome.promise.finally(() => {
    server.off("error", onError);
    server.off("listening", onListening);
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
