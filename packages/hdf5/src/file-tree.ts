import { BrokenSoftLink, Dataset, ExternalLink, File, Group } from "h5wasm/node";
import { type Hdf5Library, hdf5Complaint } from "./hdf5-library.js";
import { WriterError } from "./writer-error.js";

/** A value as it is shown: bigints as numbers, other than texts and numbers as text. */
export type TreeValue = string | number | readonly TreeValue[];

export interface TreeAttribute {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly value: TreeValue;
}

/** What a file holds, in the form of the vectors: the type of a text is `str`, that of numbers as NumPy writes it. */
export type TreeNode =
  | { readonly type: "soft_link"; readonly path: string }
  | { readonly type: "external_link"; readonly file: string; readonly path: string }
  | { readonly type: "other" }
  | {
      readonly type: "group";
      readonly attrs: Readonly<Record<string, TreeAttribute>>;
      readonly children: Readonly<Record<string, TreeNode>>;
    }
  | {
      readonly type: "dataset";
      readonly attrs: Readonly<Record<string, TreeAttribute>>;
      readonly dtype: string;
      readonly shape: readonly number[];
      /** null for an axis that may grow without limit. */
      readonly maxshape: readonly (number | null)[];
      readonly chunks: readonly number[] | null;
      /** Numbers of the HDF5 filters. */
      readonly filters: readonly number[];
      /** Only of datasets with few elements. */
      readonly value?: TreeValue;
    };

/** Elements of the datasets whose values are read too. */
const shownElements = 12;

/** Opens a file to read, and closes it. It may be read while it is written: what was flushed is there. */
export function readFile<T>(library: Hdf5Library, filename: string, read: (file: File) => T): T {
  let file: File | undefined;
  try {
    file = new File(filename, "r");
    return read(file);
  } catch (error) {
    throw new WriterError(filename, `cannot be read: ${hdf5Complaint(error)}`, { cause: error });
  } finally {
    if (file) library.close_file(file.file_id);
  }
}

/** Reads what a file holds, without following its links. */
export function fileTree(library: Hdf5Library, filename: string): TreeNode {
  return readFile(library, filename, (file) => node(library, file, "/"));
}

function node(library: Hdf5Library, file: File, path: string): TreeNode {
  const target = path === "/" ? null : library.get_symbolic_link(file.file_id, path);
  if (target !== null) return { type: "soft_link", path: target };
  const object = path === "/" ? file : file.get(path);
  if (object instanceof BrokenSoftLink) return { type: "soft_link", path: object.target };
  if (object instanceof ExternalLink) return { type: "external_link", file: object.filename, path: object.obj_path };
  if (object instanceof Group) {
    const children = object.keys().map((name) => [name, node(library, file, `${path === "/" ? "" : path}/${name}`)]);
    return { type: "group", attrs: attributes(object), children: Object.fromEntries(children) };
  }
  if (!(object instanceof Dataset)) return { type: "other" };
  const { shape, maxshape, chunks, total_size } = object.metadata;
  return {
    type: "dataset",
    attrs: attributes(object),
    dtype: typeName(object.dtype),
    shape: shape ?? [],
    maxshape: (maxshape ?? []).map((length) => (length > Number.MAX_SAFE_INTEGER ? null : length)),
    chunks,
    filters: object.filters.map(({ id }) => id),
    ...(total_size <= shownElements ? { value: total_size === 0 ? [] : treeValue(object.to_array()) } : {}),
  };
}

function attributes(object: Group | Dataset): Record<string, TreeAttribute> {
  return Object.fromEntries(
    Object.entries(object.attrs).map(([name, attribute]) => {
      const value = treeValue(attribute.to_array());
      return [name, { dtype: typeName(attribute.dtype), shape: attribute.shape ?? [], value }];
    }),
  );
}

const numpyLetters: Readonly<Record<string, string>> = { b: "1", h: "2", i: "4", q: "8", f: "4", d: "8", e: "2" };

/** `<d` of h5wasm is `<f8` of NumPy. */
function typeName(dtype: Dataset["dtype"]): string {
  if (typeof dtype !== "string") return "compound";
  if (/^[SA]/.test(dtype)) return "str";
  const [order = "", letter = ""] = dtype;
  const size = numpyLetters[letter.toLowerCase()];
  if (size === undefined) return dtype;
  const kind = /[fde]/.test(letter) ? "f" : letter === letter.toLowerCase() ? "i" : "u";
  return size === "1" ? `|${kind}1` : `${order}${kind}${size}`;
}

function treeValue(value: unknown): TreeValue {
  if (Array.isArray(value)) return value.map(treeValue);
  return typeof value === "string" || typeof value === "number" ? value : String(value);
}
