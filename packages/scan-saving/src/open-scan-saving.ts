import { ArgumentError } from "@beamtime/errors";
import type { RedisConnection } from "@beamtime/redis";
import { BasicScanSaving, basicDefaults } from "./basic-scan-saving.js";
import { parseEsrfConfig } from "./esrf-config.js";
import { EsrfScanSaving, type EsrfScanSavingOptions } from "./esrf-scan-saving.js";

export interface OpenScanSavingOptions extends EsrfScanSavingOptions {
  readonly session: string;
  /** The mapping `scan_saving` of the session, else of the root of the configuration. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Database 0. */
  readonly settings: RedisConnection;
  /** Database 1. */
  readonly data: RedisConnection;
}

/**
 * Opens SCAN_SAVING of the kind that the `class` of the configuration names: `ESRFScanSaving`, or `BasicScanSaving`,
 * which it is without one too.
 *
 * @throws ArgumentError when there is no such class, or the data policy lacks a key
 */
export async function openScanSaving(options: OpenScanSavingOptions): Promise<BasicScanSaving | EsrfScanSaving> {
  const { session, config = {}, settings, data, ...rest } = options;
  return kindOf(config) === "BasicScanSaving"
    ? BasicScanSaving.open(session, settings, { ...rest, initial: config })
    : EsrfScanSaving.open(session, { settings, data }, config, rest);
}

/** A beamline's mapping may have the keys of both kinds; some of the policy mean nothing here. */
const knownKeys: ReadonlySet<string> = new Set([
  "class",
  ...Object.keys(basicDefaults),
  ...["beamline", "directory_structure_version", "inhouse_proposal_prefixes", "tmp_proposal_prefixes"],
  ...["tmp", "visitor", "inhouse"].flatMap((type) => [`${type}_data_root`, `icat_${type}_data_root`]),
]);

/**
 * Looks whether the mapping `scan_saving` of a configuration can be used.
 *
 * @returns its keys that have no effect
 * @throws ArgumentError as {@link openScanSaving}
 */
export function checkScanSaving(config: Readonly<Record<string, unknown>>): readonly string[] {
  if (kindOf(config) === "ESRFScanSaving") parseEsrfConfig(config);
  return Object.keys(config).filter((key) => !knownKeys.has(key));
}

function kindOf(config: Readonly<Record<string, unknown>>): "BasicScanSaving" | "ESRFScanSaving" {
  const kind = config["class"] ?? "BasicScanSaving";
  if (kind === "BasicScanSaving" || kind === "ESRFScanSaving") return kind;
  throw new ArgumentError(
    "scan_saving.class",
    `there is no class ${JSON.stringify(kind)}: expected BasicScanSaving or ESRFScanSaving`,
  );
}
