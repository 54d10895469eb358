import type { InfoValue, ScanInfo } from "@beamtime/core";
import type { Axis } from "@beamtime/motion";

/** What identifies the beamline in files. */
export interface BeamlineIdentity {
  /** `esrf-id00a` */
  readonly instrument: string | undefined;
  /** `id00` */
  readonly beamline: string | undefined;
}

/**
 * What scan_info and the file tell of the beamline at the start and at the end of a scan: the positions of all axes that answer,
 * and the categories of metadata that there are.
 *
 * @see BLISS `bliss/scanning/scan_meta.py`
 */
export function beamlineSnapshot(
  { instrument, beamline }: BeamlineIdentity,
  axes: readonly Axis[],
  timing: "start" | "end",
): ScanInfo {
  const user: Record<string, InfoValue> = {};
  const dial: Record<string, InfoValue> = {};
  const units: Record<string, InfoValue> = {};
  for (const axis of axes) {
    if (!axis.isInitialized) continue;
    user[axis.name] = axis.position;
    dial[axis.name] = axis.dial;
    units[axis.name] = axis.unit ?? null;
  }
  const positions = { [`positioners_${timing}`]: user, [`positioners_dial_${timing}`]: dial };
  const name = instrument ?? beamline;
  if (timing === "end") return { positioners: positions };
  return {
    positioners: { ...positions, positioners_units: units },
    instrument: {
      "@NX_class": "NXinstrument",
      ...(name !== undefined && { name, "name@short_name": beamline ?? name }),
    },
    technique: { "@NX_class": "NXcollection" },
    scan_meta_categories: ["positioners", "instrument", "technique"],
  };
}
