import { systemClock } from "@beamtime/concurrency";
import type { AcquisitionChain } from "./acquisition-chain.js";
import { DeviceInUseError } from "./device-in-use-error.js";
import type { DeviceLock, DeviceLocks, LockableDevice } from "./device-locks.js";

/** Of this process: which scan uses a device. */
const users = new WeakMap<LockableDevice, string>();

/** The scan of this process that uses a device now, by its name; undefined when none does. */
export function scanUsing(device: LockableDevice): string | undefined {
  return users.get(device);
}

/** Longest time, in seconds, that giving back the locks may take: they fall with the connection anyway. */
const releaseSeconds = 3;

/** The exclusive devices of one scan: taken before it has a number, given back when it has ended. */
export class ScanDevices {
  readonly #devices: readonly LockableDevice[];
  readonly #locks: DeviceLocks | undefined;
  readonly #holder: string;
  readonly #onLost: (reason: unknown) => void;
  #isTaken = false;
  #lock: Promise<DeviceLock> | undefined;

  /** @param options `onLost` is called when a lock is gone while the scan has it */
  constructor(
    chain: AcquisitionChain,
    options: { readonly locks: DeviceLocks | undefined; holder: string; onLost: (reason: unknown) => void },
  ) {
    this.#devices = [...new Set(chain.nodesList.flatMap((object) => object.exclusive))];
    this.#locks = options.locks;
    this.#holder = options.holder;
    this.#onLost = options.onLost;
  }

  /** @throws DeviceInUseError when a device is not free, here or in another process */
  async take(signal: AbortSignal): Promise<void> {
    for (const device of this.#devices) {
      const user = users.get(device);
      if (user !== undefined) throw new DeviceInUseError([device.name], `the scan ${user} of this session`);
    }
    for (const device of this.#devices) users.set(device, this.#holder);
    this.#isTaken = true;
    const names = this.#devices.map(({ name, lockName = name }) => lockName).filter((name) => name !== null);
    if (!this.#locks || names.length === 0) return;
    this.#lock = this.#locks.acquire([...new Set(names)].sort(), { holder: this.#holder, signal });
    const { lost } = await this.#lock;
    lost.addEventListener("abort", () => this.#isTaken && this.#onLost(lost.reason), { once: true });
    lost.throwIfAborted();
  }

  /** Gives all back, whatever of it was taken. */
  async release(): Promise<void> {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    for (const device of this.#devices) users.delete(device);
    const lock = await this.#lock?.catch(() => undefined); // a refusal was thrown by `take`
    if (!lock) return;
    const timer = new AbortController();
    const late = systemClock.sleep(releaseSeconds, { signal: timer.signal }).catch(() => {});
    try {
      await Promise.race([lock[Symbol.asyncDispose](), late]);
    } finally {
      timer.abort();
    }
  }
}
