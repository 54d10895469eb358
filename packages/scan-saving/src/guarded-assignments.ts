import { ScanSavingError } from "./scan-saving-error.js";
import type { WardrobeScanSaving } from "./wardrobe-scan-saving.js";

/**
 * The same object, for users: assigning to what is neither a parameter nor a property that can be set is an error, also
 * at a prompt, where it would go unnoticed. A misspelt `SCAN_SAVING.base_pth = "/data"` would leave data where they were.
 */
export function guardedAssignments<Saving extends WardrobeScanSaving>(saving: Saving): Saving {
  return new Proxy(saving, {
    get(target, name) {
      // private fields are those of the object itself
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
    set(target, name, value) {
      if (canBeSet(target, name)) return Reflect.set(target, name, value, target);
      const text = String(name);
      if (text in target && !target.isComputed(text)) throw new ScanSavingError(`SCAN_SAVING.${text} cannot be set`);
      target.setParameter(text, value);
      return true;
    },
  });
}

function canBeSet(object: object, name: string | symbol): boolean {
  for (let owner: object | null = object; owner; owner = Object.getPrototypeOf(owner)) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property) return property.set !== undefined;
  }
  return false;
}
