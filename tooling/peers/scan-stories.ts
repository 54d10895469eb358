import type { ClientEvent } from "./python-client.js";

/** What a reader was told of one scan, without what differs from run to run. */
export interface ScanStory {
  readonly scan: string;
  readonly type: string;
  /** What happened to the scan itself, in order. */
  readonly life: readonly string[];
  /** Names and types of the nodes below each node, in the order in which they were announced. */
  readonly tree: Readonly<Record<string, readonly string[]>>;
  readonly exception: string | undefined;
  /** By full names of channels: the values where they are determined, else the shape. Of a scan that was aborted: nothing. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Type and shape of a point, by full names of channels. */
  readonly types: ClientEvent["types"];
  /** What was told last of each channel with data: length and, where it is determined, the value; references. */
  readonly last: Readonly<Record<string, unknown>>;
}

/** Random, or of a clock. */
const undetermined = /:(diode|elapsed_time|epoch)$|(^|:)simu1:/;

/** The story of each scan in the events of a session, in the order in which the scans appeared. */
export function storiesOf(events: readonly ClientEvent[]): readonly ScanStory[] {
  const scans = events.filter(({ event, type }) => event === "NEW_NODE" && type.startsWith("scan"));
  return scans.map(({ db_name: scan, type }) => {
    const below = events.filter(({ db_name }) => db_name.startsWith(`${scan}:`));
    const own = events.filter(({ db_name }) => db_name === scan);
    const end = own.find(({ event }) => event === "END_SCAN");
    const isWhole = end?.exception === "";
    const tree: Record<string, string[]> = {};
    const last: Record<string, unknown> = {};
    for (const { event, type, db_name, length, last: value, references } of below) {
      const at = db_name.lastIndexOf(":");
      if (event === "NEW_NODE") {
        const parent = db_name.slice(scan.length + 1, Math.max(at, scan.length + 1));
        tree[parent] ??= [];
        tree[parent].push(`${db_name.slice(at + 1)} ${type}`);
      } else {
        const told = references ?? [length, undetermined.test(db_name.slice(scan.length)) ? shapeOf(value) : value];
        last[db_name.slice(scan.length + 1)] = isWhole ? told : "some";
      }
    }
    const data = Object.entries(end?.data ?? {}).map(([name, values]) => {
      return [name, isWhole ? (undetermined.test(name) ? shapeOf(values) : values) : "some"];
    });
    const life = own.map(({ event }) => event);
    return {
      scan,
      type,
      life,
      tree,
      exception: end?.exception,
      data: Object.fromEntries(data),
      types: end?.types,
      last,
    };
  });
}

function shapeOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? [value.length, ...shapeOf(value[0])] : [];
}
