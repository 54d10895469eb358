import { ArgumentError } from "@beamtime/errors";

/** A named place for scans (a sample, a day) in the data tree; nests without limit. It has no number and no data. */
export class Container {
  readonly name: string;
  readonly parent: Container | undefined;

  /** @throws ArgumentError when the name is empty or contains `:`, which separates the levels of the tree */
  constructor(name: string, parent?: Container) {
    if (!name || name.includes(":")) {
      throw new ArgumentError("name", `a container cannot be called '${name}': expected a text without ':'`);
    }
    this.name = name;
    this.parent = parent;
  }

  /** Names from the outermost container to this one. */
  get path(): readonly string[] {
    return [...(this.parent?.path ?? []), this.name];
  }
}
