import { ArgumentError } from "@beamtime/errors";
import type { ProposalPrefixes, ProposalType } from "./proposal-names.js";

/** What the mapping `scan_saving` of a configuration says of the ESRF data policy. */
export interface EsrfConfig {
  /** In small letters. */
  readonly beamline: string;
  /** Roots of the data by type of proposal, and by mount point; `""` is the name of the only one. */
  readonly roots: Readonly<Record<ProposalType, ReadonlyMap<string, string>>>;
  readonly prefixes: ProposalPrefixes;
  /** Directories between the root and the data file, as a template. */
  readonly template: string;
}

const templates: Readonly<Record<number, string>> = {
  1: "{proposal_dirname}/{beamline}/{proposal_session_name}/{collection_name}/{collection_name}_{dataset_name}",
  2: "{proposal_dirname}/{beamline}/{proposal_session_name}/raw/{collection_name}/{collection_name}_{dataset_name}",
  3: "{proposal_dirname}/{beamline}/{proposal_session_name}/RAW_DATA/{collection_name}/{collection_name}_{dataset_name}",
};

/** @throws ArgumentError naming the key that is wrong, and what it should be */
export function parseEsrfConfig(mapping: Readonly<Record<string, unknown>>): EsrfConfig {
  const { beamline } = mapping;
  if (typeof beamline !== "string" || !/^[0-9a-zA-Z_\s-]+$/.test(beamline)) {
    throw wrong("beamline", "the name of the beamline in letters, digits, blanks, _ and -", beamline);
  }
  const version = mapping["directory_structure_version"] ?? 3;
  const template = typeof version === "number" ? templates[version] : undefined;
  if (template === undefined) throw wrong("directory_structure_version", "1, 2 or 3", version);
  return {
    beamline: beamline.toLowerCase().replaceAll(/[^-0-9a-z]/g, ""),
    roots: {
      inhouse: mountPoints(mapping, "inhouse_data_root", "/data/{beamline}/inhouse"),
      visitor: mountPoints(mapping, "visitor_data_root", "/data/visitor"),
      tmp: mountPoints(mapping, "tmp_data_root", "/data/{beamline}/tmp"),
    },
    prefixes: {
      inhouse: texts(mapping, "inhouse_proposal_prefixes", []),
      tmp: texts(mapping, "tmp_proposal_prefixes", ["tmp", "temp", "test"]),
    },
    template,
  };
}

function mountPoints(
  mapping: Readonly<Record<string, unknown>>,
  key: string,
  otherwise: string,
): ReadonlyMap<string, string> {
  const value = mapping[key] ?? otherwise;
  if (typeof value === "string") return new Map([["", value]]);
  const points = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (points.length === 0 || !points.every((point): point is [string, string] => typeof point[1] === "string")) {
    throw wrong(key, "a directory, or directories by the name of their mount point", value);
  }
  return new Map(points);
}

function texts(
  mapping: Readonly<Record<string, unknown>>,
  key: string,
  otherwise: readonly string[],
): readonly string[] {
  const value = mapping[key] ?? otherwise;
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === "string")) {
    throw wrong(key, "a list of texts", value);
  }
  return value;
}

function wrong(key: string, expected: string, value: unknown): ArgumentError {
  return new ArgumentError(
    `scan_saving.${key}`,
    `scan_saving.${key} of the configuration is ${value === undefined ? "missing" : JSON.stringify(value)}; expected ${expected}`,
  );
}
