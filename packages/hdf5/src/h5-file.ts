import type { DType, TypedArray } from "@beamtime/protocol";
import { Dataset, File, Group } from "h5wasm/node";
import { type Hdf5Library, hdf5Complaint } from "./hdf5-library.js";
import { WriterError } from "./writer-error.js";

const h5Types: Record<DType, string> = {
  float64: "<d",
  float32: "<f",
  int64: "<q",
  int32: "<i",
  int16: "<h",
  int8: "<b",
  uint64: "<Q",
  uint32: "<I",
  uint16: "<H",
  uint8: "<B",
  bool: "<B",
  string: "S",
};

/** Level of gzip: without the shuffle filter, which h5wasm cannot add, higher ones cost time and gain next to nothing. */
const gzipLevel = 1;

/**
 * An HDF5 file open for writing. Paths are absolute, groups on the way must exist.
 *
 * Files keep the format of HDF5 1.8 (superblock 0), as those of BLISS do: with a later one, a file whose writer was
 * killed would have to be repaired before anyone could open it.
 *
 * @throws WriterError from every method, when HDF5 or the file system refuses
 */
export class H5File {
  readonly filename: string;
  readonly #library: Hdf5Library;
  readonly #file: File;
  readonly #encoder = new TextEncoder();
  #isBroken = false;

  constructor(library: Hdf5Library, filename: string, mode: "create" | "append") {
    this.filename = filename;
    this.#library = library;
    this.#file = this.#do(mode === "create" ? "create the file" : "open the file", () => {
      return new File(filename, mode === "create" ? "w" : "a", { libver: ["earliest", "v110"] });
    });
  }

  /** Whether HDF5 has refused anything: what it holds of the file in memory cannot be relied on from then on. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether there is an object or a link, dangling or not, of this path. */
  has(path: string): boolean {
    return this.#do(`look for ${path}`, () => this.#library.get_type(this.#file.file_id, path)) >= 0;
  }

  isGroup(path: string): boolean {
    return this.#do(`look for ${path}`, () => {
      return this.#library.get_type(this.#file.file_id, path) === this.#library.H5G_GROUP;
    });
  }

  names(path: string): string[] {
    return this.#do(`list ${path}`, () => this.#library.get_names(this.#file.file_id, path, false));
  }

  createGroup(path: string, nxClass: string): void {
    this.#do(`create the group ${path}`, () => this.#library.create_group(this.#file.file_id, path, false));
    this.attribute(path, "NX_class", nxClass);
  }

  /** Adds or replaces a text attribute, or one of several texts. */
  attribute(path: string, name: string, value: string | string[]): void {
    this.#do(`set the attribute ${path}@${name}`, () => {
      const object = new Group(this.#file.file_id, path);
      if (this.#library.get_attribute_names(this.#file.file_id, path).includes(name)) object.delete_attribute(name);
      object.create_attribute(name, value, Array.isArray(value) ? [value.length] : [], "S");
    });
  }

  /** Makes a link that holds a path: absolute, or relative to the link's group. The target need not exist. */
  link(path: string, target: string): void {
    this.#do(`link ${path}`, () => this.#library.create_soft_link(this.#file.file_id, target, path));
  }

  /** Creates a dataset of texts. */
  texts(path: string, values: readonly string[], shape: readonly number[]): void {
    this.#create(path, { data: [...values], shape: [...shape], dtype: "S" });
  }

  /** Creates a scalar text. */
  text(path: string, value: string): void {
    this.texts(path, [value], []);
  }

  /** Creates a dataset of numbers; a scalar has shape `[]`. */
  numbers(path: string, data: TypedArray, shape: readonly number[]): void {
    this.#create(path, { data, shape: [...shape] });
  }

  /** Creates an empty dataset that can grow along every axis. The shape of a point follows the axis of the points. */
  createSeries(
    path: string,
    dtype: DType,
    pointShape: readonly number[],
    chunks: readonly number[],
    compressed: boolean,
  ): void {
    this.#create(path, {
      data: [],
      shape: [0, ...pointShape],
      dtype: h5Types[dtype],
      maxshape: [null, ...pointShape.map(() => null)],
      chunks: [...chunks],
      ...(compressed && dtype !== "string" ? { compression: "gzip", compression_opts: gzipLevel } : {}),
    });
  }

  resize(path: string, shape: readonly number[]): void {
    this.#do(`grow ${path}`, () => this.#library.resize_dataset(this.#file.file_id, path, shape.map(BigInt)));
  }

  /**
   * Overwrites a box of a dataset of numbers, given by its first element and its lengths; without them, the whole of
   * it. The type must be the dataset's.
   */
  writeNumbers(
    path: string,
    data: TypedArray,
    offset: readonly number[] | null = null,
    count: readonly number[] | null = null,
  ): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#withMemory(path, bytes.length, (pointer) => {
      this.#library.HEAPU8.set(bytes, pointer);
      this.#write(path, offset, count, pointer);
    });
  }

  /** Overwrites a box of a dataset of texts; without `offset` and `count`, the whole of it. */
  writeTexts(
    path: string,
    values: readonly string[],
    offset: readonly number[] | null = null,
    count: readonly number[] | null = null,
  ): void {
    const encoded = values.map((value) => this.#encoder.encode(value));
    const pointers = new Uint32Array(values.length);
    const size = encoded.reduce((sum, bytes) => sum + bytes.length + 1, pointers.byteLength);
    this.#withMemory(path, size, (start) => {
      const heap = this.#library.HEAPU8;
      let position = start + pointers.byteLength;
      encoded.forEach((bytes, index) => {
        pointers[index] = position;
        heap.set(bytes, position);
        heap[position + bytes.length] = 0;
        position += bytes.length + 1;
      });
      heap.set(new Uint8Array(pointers.buffer), start);
      this.#write(path, offset, count, start);
    });
  }

  /** Copies the first values of a one-dimensional dataset of numbers, and its units. */
  copyStart(from: string, to: string, length: number): void {
    const values = this.#do(`read ${from}`, () => new Dataset(this.#file.file_id, from).slice([[0, length]]));
    // one-dimensional numbers are read as a typed array
    this.numbers(to, values as TypedArray, [length]);
    const units = this.#do(`read ${from}@units`, () => {
      const names = this.#library.get_attribute_names(this.#file.file_id, from);
      return names.includes("units") ? new Dataset(this.#file.file_id, from).get_attribute("units", true) : undefined;
    });
    if (typeof units === "string") this.attribute(to, "units", units);
  }

  /** Hands everything to the operating system: what is flushed survives the end of the process. */
  flush(): void {
    this.#do("flush", () => this.#file.flush());
  }

  close(): void {
    this.#do("close the file", () => this.#file.close());
  }

  #create(path: string, dataset: Omit<Parameters<File["create_dataset"]>[0], "name">): void {
    this.#do(`create ${path}`, () => this.#file.create_dataset({ ...dataset, name: path }));
  }

  #write(path: string, offset: readonly number[] | null, count: readonly number[] | null, pointer: number): void {
    const big = (values: readonly number[] | null): bigint[] | null => values?.map(BigInt) ?? null;
    const strides = count?.map(() => 1n) ?? null;
    const file = this.#file.file_id;
    this.#library.set_dataset_data(file, path, big(count), big(offset), strides, BigInt(pointer));
  }

  #withMemory(path: string, size: number, use: (pointer: number) => void): void {
    this.#do(`write ${path}`, () => {
      const pointer = this.#library._malloc(size);
      if (pointer === 0) throw new Error(`no memory for ${size} bytes`);
      try {
        use(pointer);
      } finally {
        this.#library._free(pointer);
      }
    });
  }

  #do<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      this.#isBroken = true;
      throw new WriterError(this.filename, `cannot ${what}: ${hdf5Complaint(error)}`, { cause: error });
    }
  }
}
