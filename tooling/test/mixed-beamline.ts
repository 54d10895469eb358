import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Disposer } from "@beamtime/concurrency";
import { type Beacon, startBeacon } from "@beamtime/session";
import { Ioc } from "../../packages/controller-epics/test/ioc.js";
import { startIcepapSimulator } from "../../packages/controller-icepap/test/icepap-simulator.js";

/** A beamline whose motors are of three kinds, each in a process of its own but the simulated ones. */
export interface MixedBeamline extends AsyncDisposable {
  /** Directory of the configuration: session `lab`. */
  readonly config: string;
  readonly beacon: Beacon;
}

/** Blades of `a` are simulated motors, those of `b` one of an IcePAP and one of an IOC. */
const configuration = (icepap: string, ioc: string, data: string): string => `
- plugin: emotion
  class: icepap
  host: ${icepap}
  axes:
  - {name: th, address: 1, steps_per_unit: 100, velocity: 50, acceleration: 500, unit: deg}
  - {name: bt, address: 11, steps_per_unit: -100, velocity: 50, acceleration: 500, low_limit: -60, unit: mm}
- plugin: emotion
  class: epics_motor
  addresses: ["${ioc}"]
  axes:
  - {name: mx, record: "sim:m1", velocity: 100, unit: mm}
  - {name: bb, record: "sim:m2", velocity: 50, acceleration: 500, unit: mm}
- plugin: emotion
  class: mockup
  axes:
  - {name: roby, steps_per_unit: 1000, velocity: 50, acceleration: 500, unit: mm}
  - {name: af, steps_per_unit: 1000, velocity: 2, acceleration: 100, low_limit: -20, high_limit: 20, unit: mm}
  - {name: ab, steps_per_unit: 1000, velocity: 2, acceleration: 100, low_limit: -20, high_limit: 20, unit: mm}
- plugin: emotion
  class: slits
  slit_type: horizontal
  axes:
  - {name: $af, tags: real front}
  - {name: $ab, tags: real back}
  - {name: ahg, tags: hgap, unit: mm}
  - {name: aho, tags: hoffset, unit: mm}
- plugin: emotion
  class: slits
  slit_type: vertical
  axes:
  - {name: $bt, tags: real up}
  - {name: $bb, tags: real down}
  - {name: bvg, tags: vgap, unit: mm}
  - {name: bvo, tags: voffset, unit: mm}
- {plugin: bliss, class: simulation_diode, name: diode, constant: 42}
- {plugin: session, class: Session, name: lab, scan_saving: {base_path: ${JSON.stringify(data)}}}
`;

/** Starts the simulator of PyPI, an IOC and a Beacon server, all on free ports. */
export async function startMixedBeamline(python: string): Promise<MixedBeamline> {
  await using disposer = new Disposer();
  const folder = await mkdtemp(join(tmpdir(), "beamtime-mixed-"));
  disposer.defer(() => rm(folder, { recursive: true }));
  const icepap = disposer.use(await startIcepapSimulator(python, [1, 11]));
  const ioc = disposer.use(await Ioc.start("motor"));
  const config = join(folder, "config");
  await mkdir(config);
  await writeFile(join(config, "beamline.yml"), configuration(icepap.host, ioc.address, join(folder, "data")));
  const beacon = disposer.use(await startBeacon({ directory: config }));
  const owned = disposer.move();
  return { config, beacon, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}
