import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RedisConnection } from "@beamtime/redis";
import type { SettingContent, SettingFields, WardrobeValues } from "@beamtime/settings";
import { guardedAssignments } from "./guarded-assignments.js";
import { ScanSavingError } from "./scan-saving-error.js";
import type { TemplateFields } from "./template.js";
import {
  commonComputed,
  openParts,
  type ParameterValue,
  type SavingPaths,
  type ScanSavingOptions,
  type ScanSavingParts,
  WardrobeScanSaving,
} from "./wardrobe-scan-saving.js";

/** Parameters with the names, the order and the defaults of BLISS. */
export const basicDefaults: SettingFields = {
  base_path: join(tmpdir(), "scans"),
  data_filename: "data",
  template: "{session}/",
  images_path_relative: true,
  images_path_template: "scan{scan_number}",
  images_prefix: "{img_acq_device}_",
  date_format: "%Y%m%d",
  scan_number_format: "%04d",
  _writer_module: "hdf5",
};

export interface BasicScanSavingOptions extends ScanSavingOptions {
  /** Parameters of the configuration, instead of the defaults where Redis has none yet; unknown names are left out. */
  readonly initial?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * SCAN_SAVING without data policy: `base_path` / `template` / `data_filename`.h5. The node path has the session, then
 * each directory but those named like the session.
 *
 * @example
 * SCAN_SAVING.add("s_name", "sample1");
 * SCAN_SAVING.template = "{session}/{s_name}/";
 * SCAN_SAVING.get().rootPath; // /tmp/scans/demo_session/sample1
 */
export class BasicScanSaving extends WardrobeScanSaving {
  readonly dataPolicy = "None";
  protected readonly computed: ReadonlySet<string> = new Set(commonComputed);

  private constructor(parts: ScanSavingParts) {
    super(parts);
    this.defineParameters();
  }

  /**
   * Takes up the parameters that the session had before, whoever made them. The connection, to the settings database,
   * stays the caller's.
   */
  static async open(
    session: string,
    connection: RedisConnection,
    options: BasicScanSavingOptions = {},
  ): Promise<BasicScanSaving> {
    const { initial = {} } = options;
    const own = Object.entries(basicDefaults).map(([name, value]) => {
      const given = initial[name];
      return [name, ["string", "boolean"].includes(typeof given) ? given : value];
    });
    // texts and booleans, as filtered above
    const fields = Object.fromEntries(own) as SettingFields;
    const wardrobe = { prefix: "scan_saving", defaults: fields };
    return guardedAssignments(new BasicScanSaving(await openParts(session, connection, wardrobe, options)));
  }

  get basePath(): SettingContent {
    return this.getParameter("base_path");
  }
  set basePath(value: ParameterValue) {
    this.setParameter("base_path", value);
  }

  get template(): SettingContent {
    return this.getParameter("template");
  }
  set template(value: ParameterValue) {
    this.setParameter("template", value);
  }

  get dataFilename(): SettingContent {
    return this.getParameter("data_filename");
  }
  set dataFilename(value: ParameterValue) {
    this.setParameter("data_filename", value);
  }

  async prepare(): Promise<void> {
    // the writer makes the directories
  }

  /** @throws ScanSavingError always: there is no data policy */
  newproposal(): Promise<string> {
    return noPolicy();
  }
  /** @throws ScanSavingError always: there is no data policy */
  newcollection(): Promise<string> {
    return noPolicy();
  }
  /** @throws ScanSavingError always: there is no data policy */
  newsample(): Promise<string> {
    return noPolicy();
  }
  /** @throws ScanSavingError always: there is no data policy */
  newdataset(): Promise<string> {
    return noPolicy();
  }
  /** @throws ScanSavingError always: there is no data policy */
  enddataset(): Promise<string> {
    return noPolicy();
  }
  /** @throws ScanSavingError always: there is no data policy */
  endproposal(): Promise<string> {
    return noPolicy();
  }

  protected whyFixed(name: string): string {
    return `SCAN_SAVING.${name} is computed: it cannot be set`;
  }

  protected fields(values: WardrobeValues): TemplateFields {
    return (name) => this.commonField(values, name);
  }

  protected paths(values: WardrobeValues, fields: TemplateFields): SavingPaths {
    const paths = this.templatePaths(values, fields, {
      root: "{base_path}/{template}",
      filename: "{data_filename}",
      images: values.get("images_path_relative") === false ? "absolute" : "relative",
    });
    const parts = paths.rootPath.split("/").filter((part) => part !== "" && part !== this.session);
    return { ...paths, parentPath: [this.session, ...parts] };
  }
}

function noPolicy(): Promise<string> {
  return Promise.reject(
    new ScanSavingError("no data policy is enabled: configure scan_saving with class: ESRFScanSaving"),
  );
}
