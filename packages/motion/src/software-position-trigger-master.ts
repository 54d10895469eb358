import { PositionTriggerMaster } from "./position-trigger-master.js";

/**
 * Triggers its slaves from software at equidistant positions while an axis runs at constant velocity.
 *
 * A trigger that is a few milliseconds late is no error; one that meets a slave which is still busy stops the axis and
 * fails the scan.
 *
 * @example
 * // from 5 to 10 in 5 s, ten triggers; with an acceleration of 100 mm/s² at 1 mm/s from 4.995 to 10.5606
 * chain.add(new SoftwarePositionTriggerMaster(m0, 5, 10, 10, { time: 5 }), camera);
 *
 * @see BLISS `bliss/scanning/acquisition/motor.py`, class `SoftwarePositionTriggerMaster`
 */
export class SoftwarePositionTriggerMaster extends PositionTriggerMaster {}
