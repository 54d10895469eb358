import { dirname } from "node:path";
import type { WardrobeValues } from "@beamtime/settings";
import type { EsrfConfig } from "./esrf-config.js";
import type { DatasetPlace } from "./policy-nodes.js";
import { type ProposalType, proposalDirname, proposalType } from "./proposal-names.js";
import { ScanSavingError } from "./scan-saving-error.js";
import { fillTemplate, type TemplateFields } from "./template.js";

/** What the data policy computes, which templates may use. */
export const policyFields = [
  "base_path",
  "template",
  "data_filename",
  "images_path_relative",
  "beamline",
  "mount_point",
  "proposal_name",
  "proposal_dirname",
  "proposal_session_name",
  "proposal_type",
  "collection_name",
  "dataset_name",
  "sample_name",
] as const;

export type PolicyField = (typeof policyFields)[number];

export function isPolicyField(name: string): name is PolicyField {
  return policyFields.some((field) => field === name);
}

/** Name of the data file, and of the node of its dataset, as a template. */
export const dataFilename = "{collection_name}_{dataset_name}";

/** Where things are under the ESRF data policy, as far as parameters tell. */
export class PolicyFields {
  readonly #session: string;
  readonly #config: EsrfConfig;

  constructor(session: string, config: EsrfConfig) {
    this.#session = session;
    this.#config = config;
  }

  /** Names of the roots among which a session chooses. */
  get mountPoints(): ReadonlySet<string> {
    return new Set(Object.values(this.#config.roots).flatMap((points) => [...points.keys()]));
  }

  /** @throws ScanSavingError when nothing is chosen, because another process is about to choose */
  get(values: WardrobeValues, name: PolicyField): string {
    const { beamline, template } = this.#config;
    switch (name) {
      case "beamline":
        return beamline;
      case "mount_point":
        return values.text("_mount") ?? "";
      case "images_path_relative":
        return "True";
      case "template":
        return template;
      case "data_filename":
        return dataFilename;
      case "base_path":
        return this.#basePath(values);
      case "proposal_name":
        return this.#chosen(values, "_proposal", "newproposal()").replaceAll("{beamline}", beamline);
      case "proposal_type":
        return this.typeOf(values);
      case "proposal_dirname":
        return proposalDirname(this.get(values, "proposal_name"), this.typeOf(values), beamline);
      case "proposal_session_name":
        return this.#chosen(values, "_proposal_session_name", "newproposal()");
      case "collection_name":
      case "sample_name":
        return this.#chosen(values, "_collection", "newcollection()");
      case "dataset_name":
        return this.#chosen(values, "_dataset", "newdataset()");
    }
  }

  typeOf(values: WardrobeValues): ProposalType {
    return proposalType(this.get(values, "proposal_name"), this.#config.beamline, this.#config.prefixes);
  }

  /** The nodes of a dataset whose directory is `path`, and the directories above it. */
  place(values: WardrobeValues, path: string): DatasetPlace {
    const levels = this.#config.template.split("/").reverse();
    let proposalPath = path;
    for (let level = levels.indexOf("{proposal_session_name}"); level > 0; level--)
      proposalPath = dirname(proposalPath);
    const fields: TemplateFields = (name) => (isPolicyField(name) ? this.get(values, name) : undefined);
    return {
      session: this.#session,
      base: this.#basePath(values).split("/").filter(Boolean),
      proposal: { name: this.get(values, "proposal_name"), path: proposalPath },
      collection: { name: this.get(values, "collection_name"), path: dirname(path) },
      dataset: { name: this.get(values, "dataset_name"), path, nodeName: fillTemplate(dataFilename, fields) },
    };
  }

  #basePath(values: WardrobeValues): string {
    const { beamline, roots } = this.#config;
    const points = roots[this.typeOf(values)];
    const [first = ""] = points.values();
    const root = points.get(values.text("_mount") ?? "") ?? first;
    return fillTemplate(root, (name) => (name === "beamline" ? beamline : values.text(name)));
  }

  #chosen(values: WardrobeValues, parameter: string, command: string): string {
    const value = values.text(parameter);
    if (value) return value;
    const what = parameter.replaceAll("_", " ").trim();
    throw new ScanSavingError(`session ${this.#session} has no ${what}: choose it with ${command}`);
  }
}
