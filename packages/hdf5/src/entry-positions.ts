import type { H5File } from "./h5-file.js";
import { memberName } from "./names.js";
import type { ScanDetails } from "./scan-details.js";

const moments = ["start", "dial_start", "end", "dial_end"] as const;

/**
 * The positions in `instrument`: snapshots such as `positioners_start`, and `positioners` with the positions at the
 * start, where links to the data take the place of those that are scanned.
 *
 * h5wasm cannot replace a value by a link: scanned positioners come with their first point, or at the end if there was
 * none.
 */
export class EntryPositions {
  readonly #file: H5File;
  readonly #instrument: string;
  readonly #linked = new Set<string>();
  #scanned: ReadonlySet<string> = new Set();

  /** @param instrument path of the group */
  constructor(file: H5File, instrument: string) {
    this.#file = file;
    this.#instrument = instrument;
  }

  /** Writes the snapshots that are known and not written yet. */
  writeSnapshots({ positioners }: ScanDetails): void {
    for (const moment of moments) {
      const group = `${this.#instrument}/positioners_${moment}`;
      const positions = positioners?.[`positioners_${moment}`];
      if (!positions || this.#file.has(group)) continue;
      this.#file.createGroup(group, "NXcollection");
      for (const name of Object.keys(positions)) this.#write(group, name, positions, positioners);
    }
  }

  /** Begins `positioners`. @param scanned names of those that will be linked */
  begin({ positioners }: ScanDetails, scanned: ReadonlySet<string>): void {
    const positions = positioners?.positioners_start ?? {};
    const names = Object.keys(positions);
    this.#scanned = scanned;
    if (names.length + scanned.size === 0) return;
    this.#file.createGroup(this.#group, "NXcollection");
    for (const name of names) {
      if (!scanned.has(name)) this.#write(this.#group, name, positions, positioners);
    }
  }

  /** Links a scanned positioner to its data. */
  link(name: string, target: string): void {
    const path = `${this.#group}/${memberName(name)}`;
    if (!this.#scanned.has(name) || this.#linked.has(name) || this.#file.has(path)) return;
    this.#linked.add(name);
    this.#file.link(path, target);
  }

  /** Writes the scanned positioners that have no data. */
  end({ positioners }: ScanDetails): void {
    const positions = positioners?.positioners_start ?? {};
    for (const name of this.#scanned) {
      if (name in positions && !this.#linked.has(name)) this.#write(this.#group, name, positions, positioners);
    }
  }

  get #group(): string {
    return `${this.#instrument}/positioners`;
  }

  #write(
    group: string,
    name: string,
    positions: Readonly<Record<string, unknown>>,
    positioners: ScanDetails["positioners"],
  ): void {
    const path = `${group}/${memberName(name)}`;
    if (this.#file.has(path)) return;
    const position = positions[name];
    const unit = positioners?.positioners_units?.[name];
    // an axis whose position cannot be read is known by the text ERR
    this.#file.numbers(path, Float64Array.of(typeof position === "number" ? position : Number.NaN), []);
    if (typeof unit === "string" && unit) this.#file.attribute(path, "units", unit);
  }
}
