import { z } from "zod";
import type { ConfigNode } from "./config-node.js";

/**
 * What the mapping of a measurement group says (`plugin: session`, `class: MeasurementGroup`).
 *
 * `counters`: names of counters, `controller:counter`, or a controller or another beginning of full names, which means all
 * below it. `include`: other groups, whose counters are appended.
 */
export const measurementGroupSchema = z.strictObject({
  name: z.string().min(1),
  counters: z.array(z.string().min(1)),
  include: z.array(z.string().min(1)).nullish(),
});

/** Whether a node describes a measurement group. */
export function isMeasurementGroup(node: ConfigNode): boolean {
  return node.plugin === "session" && node.value["class"] === "MeasurementGroup";
}
