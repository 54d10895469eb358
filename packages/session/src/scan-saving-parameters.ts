import { tmpdir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type Clock, systemClock } from "@beamtime/concurrency";
import type { ScanInfo, SettingsStore, SettingValue } from "@beamtime/core";
import { ArgumentError } from "@beamtime/errors";
import { fillTemplate } from "./template.js";

/** Parameters with the names and defaults of BLISS. */
const defaults: Readonly<Record<string, SettingValue>> = {
  base_path: join(tmpdir(), "scans"),
  data_filename: "data",
  template: "{session}/",
  images_path_relative: true,
  images_path_template: "scan{scan_number}",
  images_prefix: "{img_acq_device}_",
  date_format: "%Y%m%d",
  scan_number_format: "%04d",
};

/** Fields that only a scan or a camera fills. */
const filledLater = ["scan_name", "scan_number", "img_acq_device"];

/** Where the scans of now go. */
export interface ScanPaths {
  /** Absolute directory of the data file. */
  readonly rootPath: string;
  /** Absolute path of the data file; may hold `{scan_name}` and `{scan_number}`. */
  readonly filename: string;
  /** Absolute path of images, with a literal `{img_acq_device}`. */
  readonly imagesPath: string;
  /** Node path of the parent of scans: the session, then each directory but those named like the session. */
  readonly parentPath: readonly string[];
}

export interface ScanSavingOptions {
  /** Source of `{date}`. */
  readonly clock?: Clock;
  /** Whom `{user_name}` names. Default: who runs the process. */
  readonly userName?: string;
  /** Values of the configuration, over the defaults, below what the store has kept. */
  readonly initial?: Readonly<Record<string, SettingValue>>;
}

/**
 * SCAN_SAVING: where scans are saved, as templates over parameters. Parameters keep the names of BLISS; the usual ones
 * have properties of their own, and `add` gives each new one a property too.
 *
 * @example
 * SCAN_SAVING.add("s_name", "sample1");
 * SCAN_SAVING.template = "{session}/{s_name}/";
 * SCAN_SAVING.get().rootPath; // /tmp/scans/demo_session/sample1
 *
 * @see BLISS `bliss/scanning/scan_saving.py`, class `BasicScanSaving`
 */
export class ScanSavingParameters {
  readonly session: string;
  readonly #store: SettingsStore;
  readonly #clock: Clock;
  readonly #userName: string;
  readonly #values: Map<string, SettingValue>;
  #lastSave: Promise<void> = Promise.resolve();

  private constructor(
    session: string,
    store: SettingsStore,
    fields: { clock: Clock; userName: string; values: Map<string, SettingValue> },
  ) {
    this.session = session;
    this.#store = store;
    this.#clock = fields.clock;
    this.#userName = fields.userName;
    this.#values = fields.values;
    for (const name of fields.values.keys()) this.#define(name);
  }

  /** Takes up the parameters that the session had before; `initial` are those of its configuration. */
  static async open(
    session: string,
    store: SettingsStore,
    options: ScanSavingOptions = {},
  ): Promise<ScanSavingParameters> {
    const { clock = systemClock, userName = userInfo().username, initial = {} } = options;
    const kept = await store.load(owner(session));
    const values = new Map([...Object.entries(defaults), ...Object.entries(initial), ...kept]);
    return new ScanSavingParameters(session, store, { clock, userName, values });
  }

  /** Parameter names, those added by users included. */
  get names(): readonly string[] {
    return [...this.#values.keys()];
  }

  get basePath(): SettingValue {
    return this.getParameter("base_path");
  }
  set basePath(value: SettingValue) {
    this.setParameter("base_path", value);
  }

  get template(): SettingValue {
    return this.getParameter("template");
  }
  set template(value: SettingValue) {
    this.setParameter("template", value);
  }

  get dataFilename(): SettingValue {
    return this.getParameter("data_filename");
  }
  set dataFilename(value: SettingValue) {
    this.setParameter("data_filename", value);
  }

  /** Creates a parameter that templates may use, or gives an existing one a new value. */
  add(name: string, value: SettingValue): void {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new ArgumentError(
        "name",
        `'${name}' cannot name a parameter: use letters, digits and _, not a digit first`,
      );
    }
    if (
      !this.#values.has(name) &&
      (name in this || name === "date" || name === "user_name" || filledLater.includes(name))
    ) {
      throw new ArgumentError("name", `'${name}' is taken by SCAN_SAVING itself: choose another name`);
    }
    this.#keep(name, value);
    this.#define(name);
  }

  /** @throws ArgumentError when there is no such parameter */
  getParameter(name: string): SettingValue {
    const value = this.#values.get(name);
    if (value === undefined) throw this.#unknown(name);
    return value;
  }

  /** @throws ArgumentError when there is no such parameter: `add` creates one */
  setParameter(name: string, value: SettingValue): void {
    if (!this.#values.has(name)) throw this.#unknown(name);
    this.#keep(name, value);
  }

  /** Resolves when all changes are in the settings store. @throws what the store threw at the last one */
  saved(): Promise<void> {
    return this.#lastSave;
  }

  /** A copy as of now, unmoved by later changes: a scan keeps the one of its creation. */
  snapshot(): ReadonlyMap<string, SettingValue> {
    return new Map(this.#values);
  }

  /** Evaluates the templates. @throws ArgumentError when one uses a parameter that is unknown, or contains itself */
  get(values: ReadonlyMap<string, SettingValue> = this.#values): ScanPaths {
    const now = new Date(this.#clock.epoch() * 1000);
    const fields = new Map<string, string>([
      ["session", this.session],
      ["user_name", this.#userName],
      ["date", formattedDate(String(values.get("date_format")), now)],
      ...[...values].map(([name, value]): [string, string] => [name, String(value)]),
    ]);
    const kept = new Set(filledLater);
    const rootPath = resolve(fillTemplate("{base_path}/{template}", fields, kept));
    const images = fillTemplate("{images_path_template}/{images_prefix}", fields, kept);
    return {
      rootPath,
      filename: join(rootPath, `${fillTemplate("{data_filename}", fields, kept)}.h5`),
      imagesPath: values.get("images_path_relative") === false && isAbsolute(images) ? images : join(rootPath, images),
      parentPath: [this.session, ...rootPath.split("/").filter((part) => part !== "" && part !== this.session)],
    };
  }

  /** Fills the number of a scan into a path, in the format of `scan_number_format`. */
  fillScan(path: string, scan: { readonly name: string; readonly number: number }): string {
    const width = /^%0?(\d*)d$/.exec(String(this.getParameter("scan_number_format")))?.[1] ?? "";
    const fields = new Map([
      ["scan_name", scan.name],
      ["scan_number", String(scan.number).padStart(Number(width), "0")],
    ]);
    return fillTemplate(path, fields, new Set(["img_acq_device"]));
  }

  /** The scan_info keys that tell where and by whom a scan is saved. */
  describe(): ScanInfo {
    return {
      session_name: this.session,
      user_name: this.#userName,
      data_writer: "hdf5",
      writer_options: {},
      data_policy: "None",
    };
  }

  toString(): string {
    const rows: [string, string][] = [...this.#values].map(([name, value]) => [name, String(value)]);
    const paths = this.get();
    rows.push(
      ["root path", paths.rootPath],
      ["data file", paths.filename],
      ["parent node", paths.parentPath.join(":")],
    );
    const width = Math.max(...rows.map(([name]) => name.length));
    return [`Parameters (${this.session})`, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)].join(
      "\n",
    );
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  #keep(name: string, value: SettingValue): void {
    if (!["string", "number", "boolean"].includes(typeof value)) {
      throw new ArgumentError(name, `SCAN_SAVING.${name} takes a text, a number or a boolean, not ${typeof value}`);
    }
    this.#values.set(name, value);
    const save = (): Promise<void> => this.#store.save(owner(this.session), name, value);
    this.#lastSave = this.#lastSave.then(save, save);
    this.#lastSave.catch(() => {}); // told by saved()
  }

  #define(name: string): void {
    if (name in this) return;
    Object.defineProperty(this, name, {
      get: () => this.getParameter(name),
      set: (value: SettingValue) => {
        this.setParameter(name, value);
      },
      enumerable: true,
    });
  }

  #unknown(name: string): ArgumentError {
    return new ArgumentError(
      name,
      `SCAN_SAVING has no parameter '${name}': add it with SCAN_SAVING.add('${name}', value)`,
    );
  }
}

function owner(session: string): string {
  return `scan_saving:${session}`;
}

/** The strftime codes that `date_format` uses. */
function formattedDate(format: string, date: Date): string {
  const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const two = (value: number): string => String(value).padStart(2, "0");
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    b: monthNames[date.getMonth()] ?? "",
    d: two(date.getDate()),
    H: two(date.getHours()),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    "%": "%",
  };
  return format.replaceAll(/%(.)/g, (whole, code: string) => parts[code] ?? whole);
}
