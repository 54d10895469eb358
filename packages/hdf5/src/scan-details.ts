import type { InfoValue, ScanInfo } from "@beamtime/core";
import { z } from "zod";

const positions = z.record(z.string(), z.unknown());
const plotItem = z.object({
  kind: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  value: z.string().optional(),
});

/** What the file needs of scan_info. What is missing or of another form is left out: a file is never refused for it. */
const scanDetailsSchema = z.object({
  title: z.string().optional().catch(undefined),
  start_timestamp: z.number().optional().catch(undefined),
  /** Points of the scan; 0 when not known beforehand. */
  npoints: z.number().int().nonnegative().catch(0),
  publisher: z.string().optional().catch(undefined),
  publisher_version: z.string().optional().catch(undefined),
  positioners: z
    .object({
      positioners_start: positions.optional(),
      positioners_dial_start: positions.optional(),
      positioners_end: positions.optional(),
      positioners_dial_end: positions.optional(),
      positioners_units: positions.optional(),
    })
    .optional()
    .catch(undefined),
  comments: z
    .array(z.object({ timestamp: z.number(), message: z.string() }))
    .optional()
    .catch(undefined),
  plots: z
    .array(z.object({ kind: z.string().optional(), items: z.array(plotItem).default([]) }))
    .optional()
    .catch(undefined),
  _display_extra: z
    .object({
      plotselect: z.array(z.string()).optional().catch(undefined),
      displayed_channels: z.array(z.string()).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
  scan_meta_categories: z.array(z.string()).catch([]),
  devices: z.record(z.string(), z.object({ metadata: z.unknown().optional() })).catch({}),
});

export type ScanDetails = z.infer<typeof scanDetailsSchema>;

/** Reads what the file needs from scan_info; what is missing or malformed is left out. */
export function scanDetails(info: ScanInfo): ScanDetails {
  return scanDetailsSchema.parse(info);
}

/** Whether a value of scan_info is a dictionary. */
export function isDictionary(value: InfoValue | undefined): value is ScanInfo {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
