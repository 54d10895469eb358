import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { findRedisServer } from "./find-redis-server.js";
import { LaunchedServer, readyWords } from "./launched-server.js";
import { RedisError } from "./redis-error.js";
import type { ServerPlace } from "./server-place.js";

/**
 * Removes the temporary directory ($0, empty when there is none) when nobody else can: a living parent does it itself, or
 * starts the server again in it. A parent that is dead may be listed a moment longer.
 */
const tidy = `[ -z "$0" ] || { sleep 1; kill -0 "$PPID" || rm -rf -- "$0"; }`;

/** Runs the server beside a watcher, which kills it when the pipe from this process breaks. Prints the server's pid. */
const launcher = `exec 3<&0; "$@" 3<&- & server=$!; echo "$server"; { cat <&3; kill -9 "$server"; ${tidy}; } >/dev/null 2>&1 & wait "$server"`;

/** Lines of output that are kept. */
const keptLines = 10;

/**
 * Starts a server that ends with this process, however this process ends, and waits until it accepts connections.
 *
 * @throws RedisError when no server is installed or when it does not start; the message has its last words
 */
export async function launchTiedServer(place: ServerPlace): Promise<LaunchedServer> {
  const { executable, env } = await findRedisServer();
  // in a session of its own: Ctrl-C or the end of a terminal must reach neither the server nor its watcher
  const args = ["-c", launcher, place.temporary ? place.directory : "", executable, ...place.args];
  const launched = spawn("sh", args, { env, stdio: "pipe", detached: true });
  const ended = once(launched, "close").then(() => launched.stdin.destroy());
  const output: string[] = [];
  const lastWords = async (): Promise<string> => output.slice(-3).join(" | ");
  try {
    const pid = await new Promise<number>((resolve, reject) => {
      let found: number | undefined;
      const listen = (line: string): void => {
        if (found === undefined && /^\d+$/.test(line)) found = Number(line);
        else if (found !== undefined && line.includes(readyWords)) {
          output.length = 0; // what it says when all is well
          resolve(found);
        } else output.push(line);
        if (output.length > keptLines) output.shift();
      };
      for (const stream of [launched.stdout, launched.stderr]) createInterface({ input: stream }).on("line", listen);
      launched.on("error", reject);
      launched.on("close", () =>
        reject(new RedisError(`${executable} did not start: ${output.slice(-3).join(" | ")}`)),
      );
    });
    return new LaunchedServer(pid, ended, lastWords);
  } catch (error) {
    launched.stdin.destroy();
    await ended;
    throw error;
  }
}
