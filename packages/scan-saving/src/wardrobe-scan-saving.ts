import { existsSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { inspect } from "node:util";
import { type Clock, systemClock } from "@beamtime/concurrency";
import type { ScanInfo } from "@beamtime/core";
import { ArgumentError, BeamtimeError } from "@beamtime/errors";
import type { RedisConnection } from "@beamtime/redis";
import {
  ParametersWardrobe,
  type SettingContent,
  type SettingFields,
  UnreadableValue,
  type WaitOptions,
  type WardrobeValues,
} from "@beamtime/settings";
import { formattedDate } from "./formatted-date.js";
import { printed } from "./printed.js";
import { ScanSavingError } from "./scan-saving-error.js";
import { filledLater, fillTemplate, type TemplateFields } from "./template.js";

/** Where the scans of one moment go. */
export interface SavingPaths {
  /** Absolute directory of the data file. */
  readonly rootPath: string;
  /** Absolute path of the data file, which may hold `{scan_name}` and `{scan_number}`; empty when nothing is written. */
  readonly filename: string;
  /** Absolute path of images, with a literal `{img_acq_device}`. */
  readonly imagesPath: string;
  /** Node path of the parent of scans, from the session on. */
  readonly parentPath: readonly string[];
}

/** Programs that write data files: the one of this process, the one beside it, none. */
const writers = ["hdf5", "nexus", "null"] as const;

/** What SCAN_SAVING takes for a parameter. */
export type ParameterValue = Parameters<ParametersWardrobe["set"]>[1];

export interface ScanSavingOptions extends WaitOptions {
  /** Source of `{date}` and of the times of creation. */
  readonly clock?: Clock | undefined;
  /** Whom `{user_name}` names. Default: who runs the process. */
  readonly userName?: string | undefined;
}

/** What both kinds of SCAN_SAVING are made of. */
export interface ScanSavingParts {
  readonly session: string;
  readonly parameters: ParametersWardrobe;
  readonly clock: Clock;
  readonly userName: string;
}

/**
 * SCAN_SAVING of a session: where its scans are saved, as templates over parameters. They are kept in Redis as BLISS
 * keeps them, and shared with Python processes of the same session. Each parameter is also a property of its name:
 * `SCAN_SAVING.s_name = "sample1"`.
 *
 * @see BLISS `bliss/scanning/scan_saving.py`
 */
export abstract class WardrobeScanSaving implements AsyncDisposable {
  readonly session: string;
  /** The parameters as a wardrobe: their instances, YAML, changes by others. */
  readonly parameters: ParametersWardrobe;
  /** Name of the data policy, as scan_info has it. */
  abstract readonly dataPolicy: string;
  readonly userName: string;
  protected readonly clock: Clock;

  protected constructor({ session, parameters, clock, userName }: ScanSavingParts) {
    this.session = session;
    this.parameters = parameters;
    this.clock = clock;
    this.userName = userName;
    parameters.onChange(() => this.defineParameters());
  }

  /** Names of the parameters, those added by users included; without those that are not for display. */
  get names(): readonly string[] {
    return this.parameters.names.filter((name) => !name.startsWith("_"));
  }

  /** Who writes the data file: `hdf5` (this process), `nexus` (a writer process) or `null` (nobody). */
  get writer(): string {
    return this.parameters.values.text("_writer_module") ?? "hdf5";
  }
  /** @throws ArgumentError when there is no such writer */
  set writer(name: string) {
    if (!writers.some((known) => known === name)) {
      throw new ArgumentError("writer", `there is no writer '${name}': expected ${writers.join(", ")}`);
    }
    this.parameters.set("_writer_module", name);
  }

  /** When the parameters were made, `2026-11-21 10:00:00`. */
  get creationDate(): string {
    return this.parameters.creationDate;
  }

  /** The date of now in `date_format`. */
  get date(): string {
    return this.dateOf(this.parameters.values);
  }

  /**
   * Creates a parameter that templates may use, or gives an existing one a new value, in the instance `default`.
   *
   * @throws ArgumentError when the name is no identifier, or is taken by SCAN_SAVING itself
   */
  add(name: string, value: ParameterValue = null): void {
    if (!this.parameters.has(name) && (name in this || this.computed.has(name))) {
      throw new ArgumentError("name", `'${name}' is taken by SCAN_SAVING itself: choose another name`);
    }
    this.parameters.add(name, value);
    this.defineParameters();
  }

  /** Whether the name is one of what is computed: neither parameter nor to be set. */
  isComputed(name: string): boolean {
    return this.computed.has(name);
  }

  /** @throws ArgumentError when there is no such parameter */
  getParameter(name: string): SettingContent {
    const value = this.parameters.get(name);
    if (value === undefined) throw this.#unknown(name);
    return value;
  }

  /** @throws ArgumentError when there is no such parameter: {@link add} creates one */
  setParameter(name: string, value: ParameterValue): void {
    if (this.computed.has(name)) throw new ScanSavingError(this.whyFixed(name));
    if (!this.parameters.has(name)) throw this.#unknown(name);
    this.parameters.set(name, value);
  }

  /** Resolves when all changes are in Redis. @throws SettingError when some could not be kept */
  saved(options: WaitOptions = {}): Promise<void> {
    return this.parameters.saved(options);
  }

  /** Reads the parameters again: what another process wrote before counts. */
  async refresh(options: WaitOptions = {}): Promise<void> {
    await this.parameters.refresh(options);
    this.defineParameters();
  }

  /** The parameters of this moment, those that other processes wrote before it included; nothing that comes later. */
  snapshot(options: WaitOptions = {}): Promise<WardrobeValues> {
    return this.parameters.snapshot(options);
  }

  /**
   * Evaluates the templates.
   *
   * @throws MissingParameterError when one uses a parameter that nobody defined
   */
  get(values: WardrobeValues = this.parameters.values): SavingPaths {
    return this.paths(values, this.fields(values));
  }

  /** Fills the number of a scan into a path, in the format of `scan_number_format`. */
  fillScan(
    path: string,
    scan: { readonly name: string; readonly number: number },
    values: WardrobeValues = this.parameters.values,
  ): string {
    const number = printed(values.text("scan_number_format") ?? "%04d", scan.number);
    const fields = new Map([
      ["scan_name", scan.name],
      ["scan_number", number],
    ]);
    return fillTemplate(path, (name) => fields.get(name), new Set(["img_acq_device"]));
  }

  /**
   * Makes sure that a scan can be put where the parameters say. Called before it takes its number.
   *
   * @throws ScanSavingError when the place is closed
   */
  abstract prepare(values: WardrobeValues, options: { save: boolean; signal?: AbortSignal | undefined }): Promise<void>;

  /** The scan_info keys that tell where and by whom a scan is saved. */
  describe(values: WardrobeValues = this.parameters.values): ScanInfo {
    return {
      session_name: this.session,
      user_name: this.userName,
      // the file is written here: a writer process of BLISS that follows the session, `nexus`, is to leave it alone
      data_writer: values.text("_writer_module") === "null" ? "null" : "hdf5",
      writer_options: {},
      data_policy: this.dataPolicy,
    };
  }

  abstract newproposal(name?: string): Promise<string>;
  abstract newcollection(name?: string): Promise<string>;
  abstract newsample(name?: string): Promise<string>;
  abstract newdataset(name?: string | number): Promise<string>;
  abstract enddataset(): Promise<string>;
  abstract endproposal(): Promise<string>;

  /** The parameters and the paths that they make, as a table. */
  toString(): string {
    const { current } = this.parameters;
    const rows = this.rows().map(([name, value]): [string, string] => [`  .${name}`, value]);
    const width = Math.max(...rows.map(([name]) => name.length));
    const lines = rows.map(([name, value]) => `${name.padEnd(width)} = ${value}`);
    return [`Parameters (${current}) - `, "", ...lines, "", ...this.#state()].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** Waits for the changes, and stops following those of others. @throws SettingError when some could not be kept */
  [Symbol.asyncDispose](): Promise<void> {
    return this.parameters[Symbol.asyncDispose]();
  }

  /** Names that are computed: no parameter can have them. */
  protected abstract readonly computed: ReadonlySet<string>;
  /** Why a computed one cannot be set. */
  protected abstract whyFixed(name: string): string;
  protected abstract paths(values: WardrobeValues, fields: TemplateFields): SavingPaths;
  /** What templates may use. */
  protected abstract fields(values: WardrobeValues): TemplateFields;

  protected dateOf(values: WardrobeValues): string {
    return formattedDate(values.text("date_format") ?? "%Y%m%d", new Date(this.clock.epoch() * 1000));
  }

  /** The fields that both kinds have: the parameters, and who, when and where. */
  protected commonField(values: WardrobeValues, name: string): string | undefined {
    switch (name) {
      case "session":
        return this.session;
      case "user_name":
        return this.userName;
      case "date":
        return this.dateOf(values);
      case "writer":
        return values.text("_writer_module");
      case "data_policy":
        return this.dataPolicy;
      default:
        return values.text(name);
    }
  }

  protected templatePaths(
    values: WardrobeValues,
    fields: TemplateFields,
    templates: { readonly root: string; readonly filename: string; readonly images: "absolute" | "relative" },
  ): Omit<SavingPaths, "parentPath"> {
    const rootPath = resolve(fillTemplate(templates.root, fields));
    const images = fillTemplate("{images_path_template}/{images_prefix}", fields);
    const isWritten = values.text("_writer_module") !== "null";
    return {
      rootPath,
      filename: isWritten ? join(rootPath, `${fillTemplate(templates.filename, fields)}.h5`) : "",
      imagesPath: templates.images === "absolute" && isAbsolute(images) ? images : join(rootPath, images),
    };
  }

  /** What the table shows: name and value. */
  protected rows(): [string, string][] {
    const { values } = this.parameters;
    return this.names.map((name) => [name, shownValue(values.get(name))]);
  }

  /** Gives each parameter a property of its name, as far as the name is free. */
  protected defineParameters(): void {
    for (const name of this.parameters.names) {
      if (name in this || name.startsWith("_")) continue;
      Object.defineProperty(this, name, {
        get: () => this.getParameter(name),
        set: (value: ParameterValue) => {
          this.setParameter(name, value);
        },
        enumerable: true,
      });
    }
  }

  #state(): string[] {
    let filename: string;
    try {
      ({ filename } = this.get());
    } catch (error) {
      if (!(error instanceof BeamtimeError)) throw error;
      return [`NO PATH: ${error.message}`]; // the table is needed to mend it
    }
    if (filename === "") return ["NO SAVING"];
    const state = (path: string): string => (existsSync(path) ? "exists" : "does not exist").padEnd(14);
    return [
      `${state(filename)}  filename   ${filename}`,
      `${state(dirname(filename))}  directory  ${dirname(filename)}`,
    ];
  }

  #unknown(name: string): ArgumentError {
    return new ArgumentError(
      name,
      `SCAN_SAVING has no parameter '${name}': add it with SCAN_SAVING.add('${name}', value)`,
    );
  }
}

/** Names that no parameter may have, in every kind of SCAN_SAVING. */
export const commonComputed: readonly string[] = [
  ...["session", "date", "user_name", "writer", "data_policy", "creation_date", "last_accessed"],
  ...filledLater,
];

/** Opens the wardrobe of a session, and what else both kinds need. */
export async function openParts(
  session: string,
  connection: RedisConnection,
  wardrobe: { readonly prefix: string; readonly defaults: SettingFields },
  options: ScanSavingOptions,
): Promise<ScanSavingParts> {
  const { clock = systemClock, userName = nameOfUser(), signal } = options;
  const { prefix, defaults } = wardrobe;
  const parameters = await ParametersWardrobe.open(connection, `${prefix}:${session}`, { defaults, clock, signal });
  return { session, parameters, clock, userName };
}

/** Containers may run as a user without a name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.());
  }
}

function shownValue(value: SettingContent | undefined): string {
  return value instanceof UnreadableValue
    ? value.toString()
    : inspect(value, { breakLength: Number.POSITIVE_INFINITY });
}
