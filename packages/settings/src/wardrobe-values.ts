import { ArgumentError } from "@beamtime/errors";
import { encodeSettingText, NumpyScalar, PickleError, type PickleValue, PyFloat, readPickle } from "@beamtime/protocol";
import { pickledValues, type SettingContent } from "./setting-value.js";
import { creationField, defaultInstance, type WardrobeState } from "./wardrobe-state.js";

/** The parameters of one instance of a wardrobe at one moment. Later changes do not move them. */
export class WardrobeValues {
  readonly #own: ReadonlyMap<string, Buffer> | undefined;
  readonly #shared: ReadonlyMap<string, Buffer> | undefined;

  constructor({ instances, values }: WardrobeState, instance: string = instances[0] ?? defaultInstance) {
    this.#own = values.get(instance);
    this.#shared = values.get(defaultInstance);
  }

  /** Names of all parameters that the instance has, or gets from `default`, in order of creation. */
  get names(): readonly string[] {
    const names = new Set([...(this.#shared?.keys() ?? []), ...(this.#own?.keys() ?? [])]);
    names.delete(creationField);
    return [...names];
  }

  has(name: string): boolean {
    return this.#bytes(name) !== undefined;
  }

  /** Whether the instance itself has a value, and not only `default`. */
  isOwn(name: string): boolean {
    return this.#own?.has(name) ?? false;
  }

  /** The value of a parameter; undefined when nobody added it. */
  get(name: string): SettingContent | undefined {
    const bytes = this.#bytes(name);
    const value = bytes && pickledValues.decode(bytes);
    return value === "None" ? null : value;
  }

  /** The value as Python's `str()` has it in a template (`2.0`, `True`); undefined for None and what has no text. */
  text(name: string): string | undefined {
    const bytes = this.#bytes(name);
    if (!bytes) return undefined;
    try {
      const text = encodeSettingText(pythonNumber(readPickle(bytes)));
      return text === "None" || typeof text !== "string" ? undefined : text;
    } catch (error) {
      if (error instanceof PickleError || error instanceof ArgumentError) return undefined;
      throw error;
    }
  }

  toObject(): { [name: string]: SettingContent } {
    return Object.fromEntries(this.names.map((name) => [name, this.get(name) ?? null]));
  }

  /** Parameters whose value is another one in `after`. */
  changesTo(after: WardrobeValues): string[] {
    return [...new Set([...this.names, ...after.names])].filter((name) => {
      const [old, young] = [this.#bytes(name), after.#bytes(name)];
      return old === undefined || young === undefined ? old !== young : !old.equals(young);
    });
  }

  #bytes(name: string): Buffer | undefined {
    return this.#own?.get(name) ?? this.#shared?.get(name);
  }
}

/** A number of NumPy as the one of Python that has the same text. */
function pythonNumber(value: PickleValue): PickleValue {
  if (!(value instanceof NumpyScalar)) return value;
  return typeof value.value === "number" && value.dtype.startsWith("float") ? new PyFloat(value.value) : value.value;
}
