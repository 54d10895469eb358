import { Disposer } from "@beamtime/concurrency";
import { type AcquisitionChain, type PresetContext, type Scan, ScanPreset } from "@beamtime/core";
import { Axis } from "./axis.js";
import { hooksOf, type MotionHook } from "./motion-hook.js";

/** Calls the motion hooks of all axes of a chain before and after the scan; a session adds it to each of its scans. */
export class MotionHooksPreset extends ScanPreset {
  readonly #hooks: ReadonlyMap<MotionHook, readonly Axis[]>;
  readonly #entered: MotionHook[] = [];

  constructor(chain: AcquisitionChain) {
    super();
    const devices = chain.nodesList.flatMap((object) => object.devices).filter((device) => device instanceof Axis);
    const axes = new Set(devices.flatMap((axis) => [axis, ...axis.realAxes]));
    const hooks = hooksOf(Array.from(axes, (axis) => ({ axis })));
    this.#hooks = new Map(Array.from(hooks, ([hook, items]) => [hook, items.map(({ axis }) => axis)]));
  }

  override async prepare(_scan: Scan, { signal }: PresetContext): Promise<void> {
    for (const [hook, axes] of this.#hooks) {
      this.#entered.push(hook);
      await hook.preScan?.(axes, { signal });
    }
  }

  override async stop(): Promise<void> {
    await using left = new Disposer(); // one that fails does not keep the others from it
    for (const hook of this.#entered) left.defer(() => hook.postScan?.(this.#hooks.get(hook) ?? [], {}));
  }
}
