import type { InfoValue, ScanInfo } from "@beamtime/core";
import type { TypedArray } from "@beamtime/protocol";
import type { H5File } from "./h5-file.js";
import { isoTime } from "./iso-time.js";
import { memberName } from "./names.js";
import { isDictionary } from "./scan-details.js";

/** A value as HDF5 can hold it. */
interface StoredValue {
  readonly data: TypedArray | readonly string[];
  readonly shape: readonly number[];
}

/**
 * Writes dictionaries of scan_info as groups, in the convention of silx: a dictionary is a group, `@name` an attribute
 * of the group, `member@name` one of the member. What is written again later is updated where type and shape allow.
 *
 * Integral numbers become int64, others float64, booleans int8, lists one-dimensional datasets; a list that mixes
 * types is written as JSON. Nothing is written for null, nor at paths that belong to the layout of the entry.
 */
export class MetadataWriter {
  readonly #file: H5File;
  readonly #reserved: ReadonlySet<string>;
  readonly #written = new Map<string, StoredValue>();

  /** @param reserved paths that are not for metadata */
  constructor(file: H5File, reserved: ReadonlySet<string>) {
    this.#file = file;
    this.#reserved = reserved;
  }

  /** Writes the members of a dictionary into a group, which is made if there are any members. */
  write(path: string, dictionary: ScanInfo, nxClass = "NXcollection"): void {
    const members = Object.entries(dictionary).filter(([name, value]) => !name.includes("@") && value !== null);
    if (members.length === 0 || this.#reserved.has(path)) return;
    const ownClass = dictionary["@NX_class"];
    if (!this.#file.has(path)) this.#file.createGroup(path, typeof ownClass === "string" ? ownClass : nxClass);
    else if (!this.#file.isGroup(path)) return;
    for (const [name, value] of members) {
      const member = `${path}/${memberName(name)}`;
      if (isDictionary(value)) this.write(member, value);
      else this.#writeValue(member, value);
    }
    for (const [key, value] of Object.entries(dictionary)) {
      const at = key.indexOf("@");
      if (at < 0 || value === null || key === "@NX_class") continue;
      const owner = at === 0 ? path : `${path}/${memberName(key.slice(0, at))}`;
      const text = typeof value === "string" ? value : json(value);
      if (this.#file.has(owner)) this.#file.attribute(owner, key.slice(at + 1), text);
    }
  }

  #writeValue(path: string, value: InfoValue): void {
    const stored = storedValue(value);
    if (!stored || this.#reserved.has(path)) return;
    const before = this.#written.get(path);
    const { data, shape } = stored;
    if (before) {
      const isUpdate = before.data.constructor === data.constructor && before.data.length === data.length;
      if (!isUpdate || before.shape.length !== shape.length) return;
      if (ArrayBuffer.isView(data)) this.#file.writeNumbers(path, data);
      else this.#file.writeTexts(path, data);
    } else if (this.#file.has(path)) return;
    else if (ArrayBuffer.isView(data)) this.#file.numbers(path, data, shape);
    else this.#file.texts(path, data, shape);
    this.#written.set(path, stored);
  }
}

function storedValue(value: InfoValue): StoredValue | undefined {
  if (!Array.isArray(value)) return storedValues([value], []);
  if (value.length === 0) return undefined;
  const list: readonly InfoValue[] = value;
  return storedValues(list, [list.length]) ?? { data: [json(list)], shape: [] };
}

/** The values in one array, if they are all of a kind. */
function storedValues(values: readonly InfoValue[], shape: readonly number[]): StoredValue | undefined {
  if (values.every((value) => typeof value === "boolean")) return { data: Int8Array.from(values, Number), shape };
  if (values.every(isInteger)) return { data: BigInt64Array.from(values, (value) => BigInt(value)), shape };
  if (values.every((value) => typeof value === "number")) return { data: Float64Array.from(values), shape };
  const texts = values.map((value) => (value instanceof Date ? isoTime(value.getTime() / 1e3) : value));
  return texts.every((text) => typeof text === "string") ? { data: texts, shape } : undefined;
}

function isInteger(value: InfoValue): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

function json(value: InfoValue): string {
  return JSON.stringify(value, (_, member: unknown) => (typeof member === "bigint" ? String(member) : member));
}
