// A continuous scan from its parts: an axis that runs at constant velocity triggers a camera at ten positions.
// usage: beamtime -s demo_session run examples/continuous-scan/tutorial.ts [save]
import { CameraAcquisitionSlave, SimulatedCamera } from "@beamtime/controller-simulation";
import { AcquisitionChain, Container } from "@beamtime/core";
import { SoftwarePositionTriggerMaster } from "@beamtime/motion";
import type { Session } from "@beamtime/session";

export default async function tutorial({ session, robz: m0 }: Names): Promise<void> {
  // First step: what acquires. From 5 to 10 mm in 5 s, ten points, both ends included. With the 100 mm/s² of the axis it moves
  // from 4.99 to 10.56 mm at 1 mm/s: way to gain speed, and one step more so that the last frame is exposed as the others.
  const chain = new AcquisitionChain();
  const emotionMaster = new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 });
  const limaDev = new SimulatedCamera({ name: "lima_dev" });
  const limaAcqDev = new CameraAcquisitionSlave(limaDev, {
    acq_nb_frames: 10,
    acq_expo_time: 0.3,
    acq_trigger_mode: "INTERNAL_TRIGGER_MULTI",
  });
  chain.add(emotionMaster, limaAcqDev);
  console.log(chain.tree);

  // Second step: where the data goes, in the file of the session and in Redis below the container of the sample.
  const sample = new Container("my_sample");
  const save = process.argv.includes("save");
  const scan = session.newScan(chain, { name: "scan", parent: sample, save });

  // Third step: the scan. The first move goes to where it begins.
  const leave = m0.onState((state) => {
    if (state.has("MOVING")) console.log(`moves to ${m0.target.toFixed(4)} mm at ${m0.velocity} mm/s`);
  });
  const velocity = m0.velocity;
  await scan.run();
  leave();
  console.log(`${scan.fullName} is ${scan.state}: ${scan.dbName}; ${scan.identity.filename || "not saved"}`);
  const [positions, frames] = ["robz", "frame"].map((key) => [...(scan.getData(key) as Float64Array)]); // scalars
  console.log(`frames ${frames?.join(" ")} at ${positions?.map((position) => position.toFixed(4)).join(" ")} mm`);
  console.log(m0.velocity === velocity ? "the axis has its velocity again" : "the axis has lost its velocity");
}

interface Names {
  readonly session: Session;
  readonly robz: Session["axes"][number];
}
