import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { systemClock } from "@beamtime/concurrency";
import { findRedisServer } from "./find-redis-server.js";
import { LaunchedServer, readyWords } from "./launched-server.js";
import { connectRedis, type RedisConnection, settingsDatabase } from "./redis-connection.js";
import { RedisError } from "./redis-error.js";
import { supervisorName } from "./running-server.js";
import type { ServerPlace } from "./server-place.js";

/** Seconds between two looks whether a server accepts connections. */
const lookInterval = 0.05;

/**
 * Starts a server that goes on when this process ends, and waits until it accepts connections. Its output goes to a
 * file, begun anew.
 *
 * @throws RedisError when no server is installed or when it does not start; the message has its last words
 */
export async function launchDetachedServer(place: ServerPlace, log: string): Promise<LaunchedServer> {
  const { executable, env } = await findRedisServer();
  const output = await open(log, "w");
  let child: ChildProcess;
  let ended: Promise<unknown>;
  let hasEnded = false;
  try {
    child = spawn(executable, place.args, { env, detached: true, stdio: ["ignore", output.fd, output.fd] });
    child.unref();
    // at once: it may end while the file is closed
    ended = once(child, "exit").finally(() => {
      hasEnded = true;
    });
    ended.catch(() => {}); // told below
  } finally {
    await output.close();
  }
  for (;;) {
    await Promise.race([ended, systemClock.sleep(lookInterval)]);
    if (hasEnded) throw new RedisError(`${executable} did not start: ${await lastLines(log)}`, { address: place.path });
    try {
      return await attachToServer(place, child.pid ?? Number.NaN, log);
    } catch (error) {
      if (!(error instanceof RedisError)) throw error;
    }
  }
}

/**
 * Follows a server that may be no child of this process, by a connection whose name tells that it is supervised.
 *
 * @throws RedisError when it cannot be reached
 */
export async function attachToServer({ path }: ServerPlace, pid: number, log: string): Promise<LaunchedServer> {
  const connection = await connectRedis({ path }, { db: settingsDatabase, name: `${supervisorName}${process.pid}` });
  return new LaunchedServer(pid, end(connection), () => lastLines(log));
}

/** Resolves when nobody listens any longer: a connection may be lost while the server goes on. */
async function end(connection: RedisConnection): Promise<void> {
  await new Promise<void>((resolve) => {
    connection.client.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNREFUSED" || error.code === "ENOENT") resolve();
    });
  });
  await connection.close();
}

async function lastLines(log: string): Promise<string> {
  const text = await readFile(log, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n");
  const ready = lines.findLastIndex((line) => line.includes(readyWords));
  return lines
    .slice(ready + 1)
    .slice(-3)
    .join(" | ");
}
