import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArgumentError, errorMessage } from "@beamtime/errors";
import type { RedisConnection } from "@beamtime/redis";
import { pyFloat, type SettingFields, type WardrobeValues } from "@beamtime/settings";
import { checkDirectoryName, datasetNames } from "./dataset-names.js";
import { type EsrfConfig, parseEsrfConfig } from "./esrf-config.js";
import { formattedDate } from "./formatted-date.js";
import { guardedAssignments } from "./guarded-assignments.js";
import { dataFilename, isPolicyField, type PolicyField, PolicyFields, policyFields } from "./policy-fields.js";
import { type DatasetPlace, PolicyNodes } from "./policy-nodes.js";
import { defaultProposal, isSessionName, type ProposalType, proposalName, proposalSession } from "./proposal-names.js";
import { ScanSavingError } from "./scan-saving-error.js";
import type { TemplateFields } from "./template.js";
import {
  commonComputed,
  openParts,
  type SavingPaths,
  type ScanSavingOptions,
  type ScanSavingParts,
  WardrobeScanSaving,
} from "./wardrobe-scan-saving.js";

const timestamp = "_ESRFScanSaving__proposal_timestamp";

/** Parameters with the names, the order and the defaults of BLISS. */
const defaults: SettingFields = {
  images_path_template: "scan{scan_number}",
  images_prefix: "{img_acq_device}_",
  date_format: "%Y%m%d",
  scan_number_format: "%04d",
  dataset_number_format: "%04d",
  _writer_module: "nexus",
  _proposal: "",
  _proposal_session_name: "",
  [timestamp]: 0,
  _collection: "",
  _dataset: "",
  _mount: "",
  _reserved_dataset: "",
};

const prefix = "esrf_scan_saving";
const noCollection = "sample";

/** What happens to the data policy of a session, in the form in which BLISS tells its other processes. */
export interface PolicyEvent {
  readonly event_type: "changed";
  readonly value: { readonly message: string; readonly data_path: string };
}

export interface EsrfScanSavingOptions extends ScanSavingOptions {
  /** Hears what each command did, as BLISS prints it. */
  readonly onMessage?: ((text: string) => void) | undefined;
  /** Hears each change, for the event channel of the session. */
  readonly onPolicyEvent?: ((event: PolicyEvent) => void) | undefined;
}

/** Texts that tell a sample or dataset. */
export interface SampleDescription {
  readonly sampleName?: string | undefined;
  readonly sampleDescription?: string | undefined;
}

/**
 * SCAN_SAVING under the ESRF data policy: a scan belongs to a dataset of a collection of a proposal, which decide where
 * it goes. Scan numbers begin anew in each dataset.
 *
 * @see BLISS `bliss/scanning/scan_saving.py`, class `ESRFScanSaving`
 */
export class EsrfScanSaving extends WardrobeScanSaving {
  readonly dataPolicy = "ESRF";
  protected readonly computed: ReadonlySet<string> = new Set([...commonComputed, ...policyFields]);
  readonly #fields: PolicyFields;
  readonly #nodes: PolicyNodes;
  readonly #options: EsrfScanSavingOptions;

  private constructor(parts: ScanSavingParts, config: EsrfConfig, nodes: PolicyNodes, options: EsrfScanSavingOptions) {
    super(parts);
    this.#fields = new PolicyFields(parts.session, config);
    this.#nodes = nodes;
    this.#options = options;
    for (const name of policyFields) this.#defineComputed(name);
    this.defineParameters();
  }

  /**
   * Takes up the proposal, collection and dataset that the session had before, whoever chose them; what is not chosen
   * yet gets its default. The connections, to the databases of settings and of data, stay the caller's.
   *
   * @param config the mapping `scan_saving` of the configuration
   * @throws ArgumentError when the configuration has no `beamline`, or wrong values
   */
  static async open(
    session: string,
    connections: { readonly settings: RedisConnection; readonly data: RedisConnection },
    config: Readonly<Record<string, unknown>>,
    options: EsrfScanSavingOptions = {},
  ): Promise<EsrfScanSaving> {
    const parsed = parseEsrfConfig(config);
    const parts = await openParts(session, connections.settings, { prefix, defaults }, options);
    const saving = new EsrfScanSaving(parts, parsed, new PolicyNodes(connections.data), options);
    try {
      await saving.#chooseMissing();
      return guardedAssignments(saving);
    } catch (error) {
      await parts.parameters[Symbol.asyncDispose]();
      throw error;
    }
  }

  get beamline(): string {
    return this.#field("beamline");
  }

  get proposalName(): string {
    return this.#field("proposal_name");
  }

  get proposalType(): ProposalType {
    return this.#fields.typeOf(this.parameters.values);
  }

  get proposalSessionName(): string {
    return this.#field("proposal_session_name");
  }

  get collectionName(): string {
    return this.#field("collection_name");
  }

  get datasetName(): string {
    return this.#field("dataset_name");
  }

  /** Which of several roots of the configuration is used. */
  get mountPoint(): string {
    return this.#field("mount_point");
  }
  /** @throws ArgumentError when the configuration has no root of that name */
  set mountPoint(name: string) {
    const known = this.#fields.mountPoints;
    if (!known.has(name)) {
      throw new ArgumentError("mountPoint", `there is no mount point '${name}': expected ${[...known].join(", ")}`);
    }
    this.parameters.set("_mount", name);
  }

  /**
   * Goes to a proposal, and in it to the collection `sample` and a new dataset; without name to the one of the
   * beamline's own tests.
   *
   * @param sessionName a date directory of the proposal that exists; else the one of now is taken
   * @returns what was done, as the user is told
   * @throws ArgumentError when the name cannot be one of a proposal; nothing is changed then
   */
  async newproposal(name?: string, sessionName?: string): Promise<string> {
    const proposal = name ? proposalName(name) : defaultProposal(this.#now());
    await this.refresh();
    if (proposal !== this.#kept("_proposal")) await this.#changeProposal(proposal);
    if (sessionName && sessionName !== this.proposalSessionName) await this.#chooseSession(sessionName);
    return this.#changed(`Proposal set to '${this.proposalName}' (session '${this.proposalSessionName}')`);
  }

  /** Closes the dataset, and goes to the proposal of the beamline's own tests. @returns what was done */
  async endproposal(): Promise<string> {
    await this.refresh();
    await this.#changeProposal(defaultProposal(this.#now()));
    return this.#changed(`Proposal set to '${this.proposalName}' (session '${this.proposalSessionName}')`);
  }

  /**
   * Goes to a collection of datasets, `sample` without name, and in it to a new dataset.
   *
   * @returns what was done
   * @throws ArgumentError when the name has characters that a directory cannot have; nothing is changed then
   */
  async newcollection(name?: string, sample: SampleDescription = {}): Promise<string> {
    checkDirectoryName("collection", name);
    await this.refresh();
    const collection = name || noCollection;
    if (collection !== this.#kept("_collection")) {
      await this.#closeDataset();
      await this.#changeCollection(collection);
    }
    const place = this.#place(this.parameters.values);
    await this.#nodes.ensure(place, "dataset_collection");
    await this.#nodes.describe(place, "dataset_collection", sampleInfo(sample));
    return this.#changed(`Dataset collection set to '${this.collectionName}'`);
  }

  /** A collection of the name of its sample. @see {@link newcollection} */
  newsample(name?: string, { description }: { readonly description?: string | undefined } = {}): Promise<string> {
    return this.newcollection(name, { sampleName: name || noCollection, sampleDescription: description });
  }

  /**
   * Closes the dataset, and begins another one: of the name given, of the first free number from the number given on, or
   * of the first free one. A name that is taken gets a number too: `area1_0002`.
   *
   * @returns what was done
   * @throws ArgumentError when the name has characters that a directory cannot have; nothing is changed then
   */
  async newdataset(
    name?: string | number,
    { description, ...sample }: SampleDescription & { readonly description?: string | undefined } = {},
  ): Promise<string> {
    checkDirectoryName("dataset", name);
    await this.refresh();
    await this.#changeDataset(name);
    const place = this.#place(this.parameters.values);
    await this.#nodes.begin(place, this.#now());
    await this.#nodes.describe(place, "dataset_collection", sampleInfo(sample));
    if (description !== undefined) await this.#nodes.describeDataset(place, description);
    return this.#changed(`Dataset set to '${this.datasetName}'`);
  }

  /** Closes the dataset, and goes to the next one that has no name. @returns what was done */
  async enddataset(): Promise<string> {
    await this.refresh();
    await this.#changeDataset(undefined);
    return this.#changed(`Dataset set to '${this.datasetName}'`);
  }

  /** @throws ScanSavingError when the dataset is closed, or its directory cannot be made */
  async prepare(values: WardrobeValues, { save }: { save: boolean }): Promise<void> {
    const place = this.#place(values);
    if (!save) {
      await this.#nodes.ensure(place, "dataset");
      return;
    }
    await this.#nodes.begin(place, this.#now());
    const path = place.dataset.path;
    await mkdir(path, { recursive: true }).catch((error: unknown) => {
      throw new ScanSavingError(
        `cannot make the directory of the dataset ${path} (${errorMessage(error)}): set the *_data_root of scan_saving in the configuration`,
        { cause: error },
      );
    });
  }

  protected whyFixed(name: string): string {
    return `SCAN_SAVING.${name} is computed by the data policy: use newproposal, newcollection or newdataset`;
  }

  protected override dateOf(values: WardrobeValues): string {
    const chosen = values.get(timestamp);
    const epoch = typeof chosen === "number" && chosen > 0 ? chosen : this.clock.epoch();
    return formattedDate(values.text("date_format") ?? "%Y%m%d", new Date(epoch * 1000));
  }

  protected override rows(): [string, string][] {
    return [...policyFields.map((name): [string, string] => [name, `'${this.#field(name)}'`]), ...super.rows()];
  }

  protected fields(values: WardrobeValues): TemplateFields {
    return (name) => (isPolicyField(name) ? this.#fields.get(values, name) : this.commonField(values, name));
  }

  protected paths(values: WardrobeValues, fields: TemplateFields): SavingPaths {
    const paths = this.templatePaths(values, fields, {
      root: "{base_path}/{template}",
      filename: dataFilename,
      images: "relative",
    });
    const { session, base, proposal, collection, dataset } = this.#fields.place(values, paths.rootPath);
    return { ...paths, parentPath: [session, ...base, proposal.name, collection.name, dataset.nodeName] };
  }

  #field(name: PolicyField): string {
    return this.#fields.get(this.parameters.values, name);
  }

  #place(values: WardrobeValues): DatasetPlace {
    return this.#fields.place(values, this.get(values).rootPath);
  }

  async #chooseMissing(): Promise<void> {
    if (!this.#kept("_proposal")) {
      await this.#changeProposal(defaultProposal(this.#now()));
      return;
    }
    if (!this.#kept("_proposal_session_name")) await this.#chooseSession();
    if (!this.#kept("_collection")) await this.#changeCollection(noCollection);
    else if (!this.#kept("_dataset")) await this.#chooseDataset(undefined);
  }

  async #changeProposal(proposal: string): Promise<void> {
    await this.#closeDataset();
    if (this.#isChosen()) await this.#nodes.closeProposal(this.#place(this.parameters.values));
    this.parameters.set("_proposal", proposal);
    this.parameters.set(timestamp, pyFloat(this.clock.epoch()));
    await this.#chooseSession();
    await this.#changeCollection(noCollection);
    await this.#nodes.ensure(this.#place(this.parameters.values), "proposal");
  }

  async #chooseSession(wanted?: string): Promise<void> {
    const path = join(this.#field("base_path"), this.#field("proposal_name"), this.beamline);
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []); // nothing was saved there yet
    const names = entries.filter((entry) => entry.isDirectory() && isSessionName(entry.name)).map(({ name }) => name);
    const name = wanted && names.includes(wanted) ? wanted : proposalSession(names, this.#now());
    this.parameters.set("_proposal_session_name", name);
  }

  async #changeCollection(name: string): Promise<void> {
    this.parameters.set("_collection", name);
    await this.#chooseDataset(undefined);
  }

  async #changeDataset(wanted: string | number | undefined): Promise<void> {
    await this.#closeDataset();
    await this.#chooseDataset(wanted);
  }

  /** Takes the first name whose directory neither exists nor is meant to be another session's. */
  async #chooseDataset(wanted: string | number | undefined): Promise<void> {
    const format = this.parameters.values.text("dataset_number_format") ?? "%04d";
    for (const name of datasetNames(wanted, format)) {
      this.parameters.set("_dataset", name);
      const { rootPath } = this.get();
      if (await exists(rootPath)) continue;
      if (await this.parameters.claim("_reserved_dataset", rootPath, `${prefix}:*`)) break;
    }
    await this.saved();
  }

  async #closeDataset(): Promise<void> {
    if (!this.#isChosen()) return;
    const place = this.#place(this.parameters.values);
    // one without data can still become a dataset
    if (await exists(place.dataset.path)) await this.#nodes.closeDataset(place, this.#now());
  }

  #isChosen(): boolean {
    return ["_proposal", "_proposal_session_name", "_collection", "_dataset"].every((name) => this.#kept(name));
  }

  #kept(name: string): string {
    return this.parameters.values.text(name) ?? "";
  }

  #now(): Date {
    return new Date(this.clock.epoch() * 1000);
  }

  async #changed(message: string): Promise<string> {
    await this.saved();
    const { rootPath } = this.get();
    this.#options.onPolicyEvent?.({ event_type: "changed", value: { message, data_path: rootPath } });
    const text = `${message}\nData path: ${rootPath}`;
    this.#options.onMessage?.(text);
    return text;
  }

  #defineComputed(name: PolicyField): void {
    if (name in this) return;
    Object.defineProperty(this, name, {
      get: () => this.#field(name),
      set: () => {
        throw new ScanSavingError(this.whyFixed(name));
      },
      enumerable: true,
    });
  }
}

function sampleInfo({ sampleName, sampleDescription }: SampleDescription): { [field: string]: string | undefined } {
  return { Sample_name: sampleName || undefined, Sample_description: sampleDescription };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
