import { ArgumentError } from "@beamtime/errors";
import { AcquisitionError } from "./acquisition-error.js";
import { AcquisitionMaster } from "./acquisition-master.js";
import { AcquisitionObject } from "./acquisition-object.js";
import type { ChainNode } from "./chain-node.js";
import { ChainPreset } from "./chain-preset.js";

export interface AcquisitionChainOptions {
  /** Prepare all objects of a branch at once instead of level by level. Default false. */
  readonly parallelPrepare?: boolean;
}

interface AttachedPreset {
  readonly preset: ChainPreset;
  /** Undefined: the first top master of the chain, when the scan starts. */
  readonly master: AcquisitionMaster | undefined;
}

/**
 * The tree of masters and slaves that one scan runs.
 *
 * Each master directly below the root (a *top master*) is a branch with its own loop. The tree may be changed until its
 * scan starts; a chain is used once.
 *
 * @example
 * const chain = new AcquisitionChain();
 * chain.add(timer, diode);
 * chain.add(motor, timer); // the timer moves below the motor, with all that it triggers
 *
 * @see BLISS `bliss/scanning/chain.py`, class `AcquisitionChain`
 */
export class AcquisitionChain {
  readonly parallelPrepare: boolean;
  readonly #topMasters: AcquisitionMaster[] = [];
  readonly #slaves = new Map<AcquisitionObject, AcquisitionObject[]>();
  readonly #presets: AttachedPreset[] = [];
  #frozen = false;

  constructor({ parallelPrepare = false }: AcquisitionChainOptions = {}) {
    this.parallelPrepare = parallelPrepare;
  }

  /**
   * Puts `slave` below `master`. A master that is new to the tree becomes a top master; a master that is in the tree
   * already and is given as slave moves with all that it triggers, so the order of calls does not matter.
   *
   * @throws ArgumentError when the first is no master, its name is taken, or the slave has another master already
   * @throws AcquisitionError when the scan has started
   */
  add(master: AcquisitionMaster | ChainNode, slave?: AcquisitionObject | ChainNode): void {
    this.#assertOpen();
    const upper = objectOf(master);
    if (!(upper instanceof AcquisitionMaster)) {
      throw new ArgumentError("master", `${describe(upper)} is not an AcquisitionMaster: it cannot trigger others`);
    }
    const lower = slave === undefined ? undefined : objectOf(slave);
    if (slave !== undefined && !(lower instanceof AcquisitionObject)) {
      throw new ArgumentError("slave", `${describe(lower)} is neither an AcquisitionSlave nor an AcquisitionMaster`);
    }
    if (!this.#slaves.has(upper)) this.#addTopMaster(upper);
    if (lower) this.#addSlave(upper, lower);
    const node = slave ?? master;
    if (isChainNode(node)) for (const child of node.children) this.add(node, child);
  }

  /** The roots of the branches, in the order in which they were added. */
  get topMasters(): readonly AcquisitionMaster[] {
    return [...this.#topMasters];
  }

  /** All objects, depth first. */
  get nodesList(): readonly AcquisitionObject[] {
    return this.#topMasters.flatMap((master) => this.#subtree(master));
  }

  /** What an object triggers, in the order in which it was added. */
  slavesOf(master: AcquisitionObject): readonly AcquisitionObject[] {
    return [...(this.#slaves.get(master) ?? [])];
  }

  /**
   * Attaches hooks to the branch of a top master; by default to the first branch, which may be added later.
   * @throws ArgumentError when the preset is no ChainPreset or the master no top master of this chain
   */
  addPreset(preset: ChainPreset, master?: AcquisitionMaster): void {
    this.#assertOpen();
    if (!(preset instanceof ChainPreset)) {
      throw new ArgumentError("preset", `${describe(preset)} is not a ChainPreset: extend that class`);
    }
    if (master && !this.#topMasters.includes(master)) {
      throw new ArgumentError("master", `${describe(master)} is not a top master of this chain`);
    }
    this.#presets.push({ preset, master });
  }

  /** Hooks of the branch of a top master, in the order in which they were added. */
  presetsOf(top: AcquisitionMaster): readonly ChainPreset[] {
    const isFirst = this.#topMasters[0] === top;
    return this.#presets
      .filter(({ master }) => (master === undefined ? isFirst : master === top))
      .map(({ preset }) => preset);
  }

  /** For each device (counter, axis, controller), the object that stands for it, or undefined. */
  getNodeFromDevices(...devices: readonly unknown[]): (AcquisitionObject | undefined)[] {
    const nodes = this.nodesList;
    return devices.map((device) => nodes.find((node) => node.devices.includes(device)));
  }

  /** Adds all branches of another chain to this one, on request with its presets. The other must not be run. */
  append(other: AcquisitionChain, { presets = false }: { readonly presets?: boolean } = {}): void {
    for (const object of other.nodesList) {
      if (object.parent) this.add(object.parent, object);
      else if (object instanceof AcquisitionMaster) this.add(object);
    }
    if (!presets) return;
    for (const top of other.topMasters) {
      for (const preset of other.presetsOf(top)) this.addPreset(preset, top);
    }
  }

  /** The drawing of the tree: one line per object, `name(ClassName)`. */
  get tree(): string {
    const lines = [". chain(AcquisitionChain)"];
    const draw = (objects: readonly AcquisitionObject[], indent: string): void => {
      objects.forEach((object, index) => {
        const isLast = index === objects.length - 1;
        lines.push(`${indent}${isLast ? "└── " : "├── "}${object.name}(${object.constructor.name})`);
        draw(this.slavesOf(object), `${indent}${isLast ? "    " : "│   "}`);
      });
    };
    draw(this.#topMasters, "");
    return lines.join("\n");
  }

  toString(): string {
    return this.tree;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.tree;
  }

  /** Called by the scan when it starts: no change is possible afterwards. @throws AcquisitionError the second time */
  freeze(): void {
    this.#assertOpen();
    this.#frozen = true;
  }

  #addTopMaster(master: AcquisitionMaster): void {
    if (this.nodesList.some((node) => node.name === master.name)) {
      throw new ArgumentError(
        "master",
        `duplicated name '${master.name}': the chain has another object of that name; give one of them another name`,
      );
    }
    this.#topMasters.push(master);
    this.#slaves.set(master, []);
  }

  #addSlave(master: AcquisitionMaster, slave: AcquisitionObject): void {
    const siblings = this.#slaves.get(master) ?? [];
    if (siblings.includes(slave)) return;
    if (this.#slaves.has(slave)) {
      if (!(slave instanceof AcquisitionMaster)) {
        throw new ArgumentError(
          "slave",
          `${slave.name} is triggered by ${slave.parent?.name} already: a slave has one master`,
        );
      }
      if (this.#subtree(slave).includes(master)) {
        throw new ArgumentError("slave", `${slave.name} triggers ${master.name}: it cannot be triggered by it`);
      }
      const former = slave.parent ? (this.#slaves.get(slave.parent) ?? []) : this.#topMasters;
      former.splice((former as AcquisitionObject[]).indexOf(slave), 1);
    } else {
      this.#slaves.set(slave, []);
    }
    slave.parent = master;
    siblings.push(slave);
  }

  #subtree(object: AcquisitionObject): AcquisitionObject[] {
    return [object, ...(this.#slaves.get(object) ?? []).flatMap((slave) => this.#subtree(slave))];
  }

  #assertOpen(): void {
    if (this.#frozen) {
      throw new AcquisitionError("chain", "the chain belongs to a scan that has started: make a new chain");
    }
  }
}

function isChainNode(node: AcquisitionObject | ChainNode): node is ChainNode {
  return !(node instanceof AcquisitionObject) && typeof node === "object" && "acquisitionObject" in node;
}

function objectOf(node: AcquisitionObject | ChainNode): AcquisitionObject {
  return isChainNode(node) ? node.acquisitionObject : node;
}

function describe(value: unknown): string {
  if (value instanceof AcquisitionObject) return `${value.name}(${value.constructor.name})`;
  return typeof value === "object" && value !== null ? value.constructor.name : String(value);
}
