import { VirtualClock } from "@beamtime/concurrency";
import {
  AcquisitionChain,
  AcquisitionChannel,
  type AcquisitionChannelOptions,
  type AcquisitionContext,
  AcquisitionSlave,
  type Emission,
  memoryScanSaving,
  Scan,
  SoftwareTimerMaster,
} from "../src/index.js";

/** Emits what it is given, one value per trigger. */
export class Giver extends AcquisitionSlave {
  readonly #values: Emission[];
  constructor(fullname: string, values: Emission[], channel: AcquisitionChannelOptions & { shape?: number[] } = {}) {
    super({ name: fullname.split(":")[0] ?? "", prepareOnce: true, startOnce: true });
    this.#values = values;
    const dtype = typeof values[0] === "string" ? "string" : "float64";
    this.channels.push(new AcquisitionChannel(fullname, dtype, channel.shape ?? [], channel));
  }
  prepare(): void {}
  start(): void {}
  override trigger({ iteration }: AcquisitionContext): void {
    const value = this.#values[iteration];
    if (value !== undefined) this.channels[0]?.emit(value);
  }
  stop(): void {}
}

/** A timer of 0.1 s a point that triggers the slaves. */
export function timerChain(npoints: number, ...slaves: AcquisitionSlave[]): AcquisitionChain {
  const chain = new AcquisitionChain();
  const timer = new SoftwareTimerMaster(0.1, { npoints });
  chain.add(timer);
  for (const slave of slaves) chain.add(timer, slave);
  return chain;
}

/** Runs a scan on a virtual clock of its own. */
export async function ran(chain: AcquisitionChain, options: ConstructorParameters<typeof Scan>[1] = {}): Promise<Scan> {
  const clock = new VirtualClock();
  const scan = new Scan(chain, { scanSaving: memoryScanSaving(), clock, ...options });
  return clock.run(scan.run());
}
