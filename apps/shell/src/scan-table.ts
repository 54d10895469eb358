import type { ChannelDescription, InfoValue, ScanCreatedEvent, ScanDevicesEvent, ScanEndedEvent } from "@beamtime/core";

/** A channel that has a column: one number a point. */
export interface TableColumn {
  /** Index of the channel in the scan's devices event. */
  readonly channel: number;
  /** `roby[mm]`, `diode`, `dt[s]`. */
  readonly title: string;
  readonly width: number;
  /** Significant digits. */
  readonly digits: number;
}

/** The text of a scan on a terminal, as BLISS's shell prints it. */
export class ScanTable {
  /** Time first, then axes, then counters. */
  readonly columns: readonly TableColumn[];
  /** Full names of the channels that a table of numbers cannot show. */
  readonly skipped: readonly string[];

  /**
   * Columns are the scalar channels below the first top master: those give a point each at every step, so that their
   * rows can be completed.
   */
  constructor({ channels, devices }: Pick<ScanDevicesEvent, "channels" | "devices">) {
    const parents = new Map(devices.map(({ id, parent }) => [id, parent]));
    const topOf = (id: string): string => {
      const parent = parents.get(id);
      return parent === null || parent === undefined ? id : topOf(parent);
    };
    const [first] = channels;
    const top = first && topOf(first.device);
    const shown = channels
      .map((channel, index) => ({ channel, index }))
      .filter(({ channel }) => isNumber(channel) && topOf(channel.device) === top);
    this.columns = shown
      .filter(({ channel }) => channel.fullname !== "timer:epoch")
      .sort((a, b) => rank(a.channel) - rank(b.channel))
      .map(({ channel, index }) => columnOf(channel, index));
    const indices = new Set(shown.map(({ index }) => index));
    this.skipped = channels.filter((_, index) => !indices.has(index)).map(({ fullname }) => fullname);
  }

  /** The lines above the first row. */
  header(event: ScanCreatedEvent): string {
    const { identity, info } = event;
    const facts: [string, string][] = [
      ["date", textOf(info["start_time_str"])],
      ["file", identity.filename || "<no saving>"],
      ["user", textOf(info["user_name"])],
      ["session", identity.session],
      ["not shown", this.skipped.join(", ")],
    ];
    const lines = facts.filter(([, value]) => value !== "").map(([name, value]) => `   ${name.padEnd(9)} : ${value}`);
    const title = `** Scan ${identity.number}: ${textOf(info["title"]) || identity.name} **`;
    const titles = this.columns.map((column) => column.title.padStart(column.width)).join("  ");
    return [`\n${title}\n`, ...lines, `\n${"#".padStart(8)}  ${titles}\n`].join("\n");
  }

  /** One line for a point, its values in the order of the columns. */
  row(index: number, values: readonly (number | bigint)[]): string {
    const cells = this.columns.map(({ width, digits }, column) =>
      numberText(values[column] ?? Number.NaN, digits).padStart(width),
    );
    return `${String(index).padStart(8)}  ${cells.join("  ")}\n`;
  }
}

/**
 * What `ct` prints: `diode = 12.75 ( 127.5 /s) controller`, a line for each counter.
 *
 * @param countTime in seconds; 0 or NaN leaves out the rate
 */
export function countLines(
  counters: readonly { readonly channel: ChannelDescription; readonly value: number | bigint }[],
  countTime: number,
): string {
  const rows = counters.map(({ channel, value }) => ({
    name: channel.shortName,
    value: numberText(value, 6),
    rate: countTime > 0 ? numberText(Number(value) / countTime, 6) : "",
    unit: channel.unit ? ` ${channel.unit}` : "",
    controller: channel.fullname.slice(0, Math.max(0, channel.fullname.lastIndexOf(":"))),
  }));
  const width = (key: "name" | "value" | "rate" | "unit"): number => Math.max(0, ...rows.map((row) => row[key].length));
  const widths = { name: width("name"), value: width("value"), rate: width("rate"), unit: width("unit") };
  return rows
    .map((row) => {
      const rate = row.rate && ` ( ${row.rate.padStart(widths.rate)}${row.unit.padEnd(widths.unit)} /s)`;
      const value = `${row.value.padStart(widths.value)}${row.unit.padEnd(widths.unit)}`;
      return `  ${row.name.padStart(widths.name)} = ${value}${rate}  ${row.controller}\n`;
    })
    .join("");
}

/** `Took 0:00:09[s]`, and how it ended when not well. */
export function footer(seconds: number, reason: ScanEndedEvent["reason"]): string {
  const total = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const text = `${Math.floor(total / 3600)}:${two(Math.floor(total / 60) % 60)}:${two(total % 60)}`;
  const ending = { SUCCESS: "", USER_ABORT: " (aborted)", FAILURE: " (failed)" }[reason];
  return `\nTook ${text}[s]${ending}\n\n`;
}

/** A text of scan_info; empty when there is none. */
export function textOf(value: InfoValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Whether points of a channel are single numbers. */
export function isNumber({ shape, dtype, reference }: ChannelDescription): boolean {
  return shape.length === 0 && dtype !== "string" && !reference;
}

/** Whether a channel tells time or place, and not a count. */
export function isCounter({ fullname }: ChannelDescription): boolean {
  return !fullname.startsWith("timer:") && !fullname.startsWith("axis:");
}

function columnOf({ fullname, shortName, unit }: ChannelDescription, channel: number): TableColumn {
  const isAxis = fullname.startsWith("axis:");
  const name = fullname === "timer:elapsed_time" ? "dt" : shortName;
  const title = unit ? `${name}[${unit}]` : name;
  return { channel, title, width: Math.max(title.length, 10), digits: isAxis ? 8 : 6 };
}

function rank({ fullname }: ChannelDescription): number {
  if (fullname.startsWith("timer:")) return 0;
  return fullname.startsWith("axis:") ? 1 : 2;
}

function numberText(value: number | bigint, digits: number): string {
  return typeof value === "bigint" ? String(value) : String(Number(value.toPrecision(digits)));
}
