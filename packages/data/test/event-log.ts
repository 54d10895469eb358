import { ScanNode, type WalkEvent } from "../src/index.js";

/** What a reader was told, checked as it comes: order, nothing twice, values that are their own index. */
export class EventLog {
  readonly names = new Set<string>();
  readonly prepared = new Set<string>();
  readonly ended = new Map<string, string | null>();
  /** First and next point of each channel. */
  readonly points = new Map<string, { first: number; next: number }>();
  readonly events: string[] = [];
  readonly #scans = new Set<string>();
  readonly #fromBeginning: boolean;

  constructor({ fromBeginning = true } = {}) {
    this.#fromBeginning = fromBeginning;
  }

  /** @throws when the event breaks a rule */
  add(event: WalkEvent): void {
    const { type, node } = event;
    const { dbName } = node;
    this.events.push(`${type} ${dbName}`);
    const scan = [...this.#scans].find((name) => dbName === name || dbName.startsWith(`${name}:`));
    const check = (isRight: boolean, rule: string): void => {
      if (!isRight) throw new Error(`${rule}: ${type} ${dbName} after\n${this.events.slice(-20).join("\n")}`);
    };
    for (const ended of this.ended.keys()) check(dbName !== ended && !dbName.startsWith(`${ended}:`), "after END_SCAN");
    switch (event.type) {
      case "NEW_NODE":
        check(!this.names.has(dbName), "a node twice");
        if (this.#fromBeginning || scan) {
          check(this.names.size === 0 || this.names.has(node.parentName ?? ""), "a child before its parent");
        }
        check(!scan || !this.prepared.has(scan), "a node after PREPARED_SCAN");
        this.names.add(dbName);
        if (node instanceof ScanNode) this.#scans.add(dbName);
        break;
      case "PREPARED_SCAN":
        check(!this.prepared.has(dbName), "PREPARED_SCAN twice");
        if (this.#fromBeginning) check(this.names.has(dbName), "PREPARED_SCAN before its node");
        this.prepared.add(dbName);
        break;
      case "NEW_DATA": {
        if (scan) check(this.names.has(dbName) && this.prepared.has(scan), "data before node or PREPARED_SCAN");
        const { first, npoints, data } = event;
        const known = this.points.get(dbName);
        check(first === (known?.next ?? (scan ? 0 : first)), `points ${first}.. instead of ${known?.next ?? 0}..`);
        check(data.shape.length === 1 && data.shape[0] === npoints && data.data.length === npoints, "a wrong shape");
        check(
          Array.from(data.data, Number).every((value, index) => value === first + index),
          "wrong values",
        );
        this.points.set(dbName, { first: known?.first ?? first, next: first + npoints });
        break;
      }
      case "END_SCAN":
        check(!this.ended.has(dbName), "END_SCAN twice");
        this.ended.set(dbName, event.error);
        break;
      case "GAP":
      case "UNREADABLE":
      case "NEW_IMAGES":
        check(false, "unexpected");
    }
  }
}
