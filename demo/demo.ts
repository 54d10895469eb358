// What `npm run demo` does: a script of a session, run by `beamtime -s demo_session --config demo run demo/demo.ts`,
// while a second process (follow.mjs) follows the session's events with @beamtime/data alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { StopScan, WatchdogCallback } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { connect } from "@beamtime/data";
import { readFileTree } from "@beamtime/hdf5";
import type { Session } from "@beamtime/session";

const folder = fileURLToPath(new URL(".", import.meta.url));
const scans = 4;

export default async function demo(names: Session["env"] & { readonly session: Session }): Promise<void> {
  const { session } = names;
  const { ct, ascan, amesh, timescan } = session.commands;
  const [roby, robz] = session.axes;
  const { diode, diode2, sim_ct_gauss_noise: gauss } = names as Readonly<Record<string, unknown>> as Counters;
  if (!roby || !robz) throw new Error("the demo session has the axes roby and robz");

  const followed = await follow(session);
  await ct(0.1, diode, diode2);
  const scan = await ascan(roby, 0, 9, 10, 0.1, diode);
  await amesh(roby, 0, 2, 2, robz, 0, 3, 3, 0.05, diode, diode2);

  const endless = await timescan(0.05, gauss, diode, { run: false });
  endless.setWatchdogCallback(new StopAfter(12));
  await endless.run();
  console.log(
    `\nthe watchdog has ended the timescan after ${(endless.getData("elapsed_time") as Float64Array).length} points: ${endless.state}`,
  );
  await followed.end;

  console.log("\nThe node tree in Redis:\n");
  const store = await connect(); // BEACON_HOST names the Beacon server of this session
  try {
    const node = await store.getSessionNode(session.name);
    for await (const found of node.walk({ wait: false })) {
      console.log(found.name.split(":").at(-1)?.padEnd(38), found.dbName.padEnd(84), `<${found.constructor.name}>`);
    }
  } finally {
    await store[Symbol.asyncDispose]();
  }
  const { filename } = scan.identity;
  console.log(`\nThe data file: ${filename}\n`);
  console.log(await readFileTree(filename));
}

/** The counters of the demo session; its configuration says that they are. */
type Counters = Readonly<Record<"diode" | "diode2" | "sim_ct_gauss_noise", Counter>>;

/** Ends an endless scan in the normal way. */
class StopAfter extends WatchdogCallback {
  readonly #npoints: number;
  #points = 0;

  constructor(npoints: number) {
    super();
    this.#npoints = npoints;
  }

  override onScanData(blocks: Parameters<NonNullable<WatchdogCallback["onScanData"]>>[0]): void {
    for (const { first, npoints } of blocks) this.#points = Math.max(this.#points, first + npoints);
    if (this.#points >= this.#npoints) throw new StopScan();
  }
}

/** Starts the second process, and waits until it follows; `end` resolves when it has seen the last scan end. */
async function follow(session: Session): Promise<{ readonly end: Promise<unknown> }> {
  const follower = spawn(process.execPath, [join(folder, "follow.mjs"), session.name, String(scans)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const end = once(follower, "close");
  const lines = createInterface({ input: follower.stdout });
  lines.on("line", (line) => console.log(line));
  await once(lines, "line");
  return { end };
}
