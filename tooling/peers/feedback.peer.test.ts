import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Channel } from "@beamtime/channels";
import { StopIteration, WatchdogCallback } from "@beamtime/core";
import type { Counter } from "@beamtime/counters";
import { readFileTree } from "@beamtime/hdf5";
import type { Axis } from "@beamtime/motion";
import { openSession, startBeacon } from "@beamtime/session";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCommand, startProgram } from "../test/running-program.js";
import { openBlissSession } from "./bliss-session.js";
import { blockedReader } from "./blocked-reader.js";
import { bliss, startRealBeacon } from "./real-beacon.js";

const name = "test_session";
const config = fileURLToPath(new URL("beacon_config", import.meta.url));

describe.skipIf(bliss() === undefined)("online feedback between Python and TypeScript", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "beamtime-feedback-"));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it("lets the analysis program of the seeds, in Python, end a scan of ours", async () => {
    await using beacon = await startBeacon({ directory: config });
    await using session = await openSession({ name, beacon: beacon.address });
    session.scanSaving.setParameter("base_path", directory);
    const env = { BEACON_HOST: beacon.address };
    await using analysis = startCommand(
      bliss() ?? "",
      ["-W", "ignore", "-u", "examples/online-feedback/analysis.py", name, "1"],
      env,
    );
    await analysis.printed(/ready False/);
    await blockedReader(session.redis);

    const stopFlag = new Channel<boolean>("stop_alignment", { value: false, bus: session.channels });
    class StopAlignmentHook extends WatchdogCallback {
      override onScanData(): void {
        if (stopFlag.value) throw new StopIteration();
      }
    }
    const { robz, sim_ct_gauss } = session.env as { robz: Axis; sim_ct_gauss: Counter };
    const scan = await session.commands.ascan(robz, -5, 5, 500, 0.001, sim_ct_gauss, { run: false });
    scan.setWatchdogCallback(new StopAlignmentHook());
    await scan.run();
    await stopFlag.close();

    const { length: points } = scan.getData("robz") as Float64Array; // a scalar channel
    expect(scan.state).toBe("DONE");
    expect(points).toBeGreaterThan(250);
    expect(points).toBeLessThan(500);
    expect(await readFileTree(scan.identity.filename)).toContain("end_time");
    await analysis.printed(/Stop Alignment scan max_value:(99|100)/);
    await analysis.printed(/ ends/);
    expect(await analysis.ended).toBe(0);
  });

  it("lets our analysis program end a scan of real BLISS", async () => {
    await using beacon = await startRealBeacon();
    await using session = await openBlissSession(name, beacon.host);
    await session.run(`SCAN_SAVING.base_path = ${JSON.stringify(directory)}`);
    await session.run(
      `
class StopAlignmentHook(WatchdogCallback):
    def __init__(self):
        super().__init__()
        self._stop_flag = channels.Channel('stop_alignment', value=False)
    def on_scan_data(self, *args):
        if self._stop_flag.value:
            raise StopIteration
`,
    );
    await session.run("s = ascan(robz, -5, 5, 500, .001, sim_ct_gauss, save=False, run=False)");
    await session.run("s.set_watchdog_callback(StopAlignmentHook())");
    const env = { BEACON_HOST: beacon.host };
    await using analysis = startProgram(["examples/online-feedback/analysis.mjs", name, "1"], env);
    await analysis.printed(/following test_session/);
    await session.run("s.run()");
    expect(await session.run("s.state.name")).toBe("DONE");
    const points = Number(await session.run("len(s.get_data('robz'))"));
    expect(points).toBeGreaterThan(250);
    expect(points).toBeLessThan(500);
    expect(await analysis.ended).toBe(0);
    expect(analysis.output).toMatch(/stop the alignment: maximum \d\d\.\d+, now/);
  });
});
