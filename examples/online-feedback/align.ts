// The scan that is steered: 500 intervals, ended as soon as another process says in a channel that enough is measured.
// usage: beamtime -s demo_session run align.ts [save]
import { Channel } from "@beamtime/channels";
import { StopIteration, WatchdogCallback } from "@beamtime/core";
import type { Session } from "@beamtime/session";

class StopAlignmentHook extends WatchdogCallback {
  readonly #stopFlag = new Channel("stop_alignment", { value: false });

  override onScanData(): void {
    if (this.#stopFlag.value) throw new StopIteration();
  }

  override async onScanEnd(): Promise<void> {
    await this.#stopFlag.close();
  }
}

export default async function align({ session, robz, sim_ct_gauss_noise }: Names): Promise<void> {
  const save = process.argv.includes("save");
  const scan = await session.commands.ascan(robz, -5, 5, 500, 0.001, sim_ct_gauss_noise, { save, run: false });
  scan.setWatchdogCallback(new StopAlignmentHook());
  await scan.run();
  const positions = scan.getData("robz") as Float64Array;
  console.log(`${scan.state} after ${positions.length} points; ${scan.identity.filename || "not saved"}`);
}

interface Names {
  readonly session: Session;
  readonly robz: Session["axes"][number];
  readonly sim_ct_gauss_noise: Session["counters"][number];
}
