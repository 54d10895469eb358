import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RedisTarget } from "@beamtime/redis";
import { blockedReader } from "./blocked-reader.js";

/** One line of `follow_scans.py`. */
export interface ClientEvent {
  readonly event: string;
  readonly type: string;
  readonly db_name: string;
  /** Of a channel with new data: how many values it has, and the last. */
  readonly length?: number;
  readonly last?: unknown;
  /** Of a channel of references with new data: all nodes that it names. */
  readonly references?: readonly string[];
  /** Of a scan that ended: the class of what went wrong, empty for success, and the values of its channels by names. */
  readonly exception?: string;
  readonly data?: { readonly [channel: string]: readonly unknown[] };
  /** Likewise: type and shape of a point of each channel. */
  readonly types?: { readonly [channel: string]: readonly [string, readonly number[]] };
}

/** The real Python client, following a session. */
export interface PythonClient extends AsyncDisposable {
  /** All that it printed, when it has seen the end of the scans it was to follow. @throws Error with its stderr when it failed */
  readonly events: Promise<readonly ClientEvent[]>;
}

/** Starts the client, and returns when it waits for events of the session. */
export async function followWithPython(
  environment: string,
  session: { readonly name: string; readonly beaconAddress: string; readonly redis: RedisTarget },
  scans: number,
): Promise<PythonClient> {
  const script = fileURLToPath(new URL("follow_scans.py", import.meta.url));
  const client = spawn(`${environment}/bin/python`, ["-W", "ignore", script, session.name, String(scans)], {
    env: { ...process.env, BEACON_HOST: session.beaconAddress },
  });
  const events: ClientEvent[] = [];
  let errors = "";
  client.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  createInterface({ input: client.stdout }).on("line", (line) => events.push(JSON.parse(line)));
  const ended = once(client, "close").then(([code]) => {
    if (code !== 0) throw new Error(`the Python client ended with exit code ${code}\n${errors}`);
    return events;
  });
  await Promise.race([blockedReader(session.redis), ended]);
  return {
    events: ended,
    async [Symbol.asyncDispose]() {
      if (client.exitCode === null) client.kill("SIGKILL");
      await ended.catch(() => undefined); // told to whoever awaits the events
    },
  };
}
