import type { ArrayData } from "@beamtime/protocol";
import { AcquisitionError } from "./acquisition-error.js";
import type { DataKey } from "./data-key.js";
import type { PresetContext } from "./preset-context.js";
import type { Scan } from "./scan.js";

/** Called with the counter as it was asked for, the channel's full name and one or more points. */
export type PresetDataCallback<Key extends DataKey = DataKey> = (
  counter: Key,
  channelFullname: string,
  data: ArrayData,
) => void;

type Connect = (keys: readonly DataKey[], callback: PresetDataCallback<never>) => void;

const connections = new WeakMap<ScanPreset, Connect>();

/**
 * Hooks around a whole scan.
 *
 * Presets of one scan run concurrently. `stop` is called whenever `prepare` was.
 *
 * @see BLISS `bliss/scanning/scan.py`, class `ScanPreset`
 */
export abstract class ScanPreset {
  /** Before any device is prepared. */
  prepare?(scan: Scan, context: PresetContext): void | Promise<void>;
  /** After all devices are prepared, before any is started. */
  start?(scan: Scan, context: PresetContext): void | Promise<void>;
  /** After all devices are stopped. */
  stop?(scan: Scan, context: PresetContext): void | Promise<void>;

  /**
   * Calls back with the data of counters or axes as it is emitted, until just before `stop`. To be called in `prepare`.
   * What the callback throws fails the device that emits.
   *
   * @throws AcquisitionError outside of a scan
   */
  connectDataChannels<Key extends DataKey>(counters: readonly Key[], callback: PresetDataCallback<Key>): void {
    const connect = connections.get(this);
    if (!connect) {
      throw new AcquisitionError(
        this.constructor.name,
        "connectDataChannels has no scan to listen to: call it in prepare",
      );
    }
    connect(counters, callback);
  }
}

/** Lets a preset listen to the channels of a running scan; undefined ends it. */
export function bindPreset(preset: ScanPreset, connect: Connect | undefined): void {
  if (connect) connections.set(preset, connect);
  else connections.delete(preset);
}
