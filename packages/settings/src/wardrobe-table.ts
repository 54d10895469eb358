import type { WardrobeValues } from "./wardrobe-values.js";

/** Shows instances side by side, the current one first. `#` marks what an instance has from `default`. */
export function wardrobeTable(instances: readonly (readonly [name: string, values: WardrobeValues])[]): string {
  const [[current, values] = ["", undefined]] = instances;
  const names = (values?.names ?? []).filter((name) => !name.startsWith("_"));
  const cell = (column: WardrobeValues, name: string): string =>
    `${column.isOwn(name) ? "" : "# "}${column.text(name) ?? "None"}`;
  const rows = [
    ["", ...instances.map(([name]) => (name === current ? `${name} (SELECTED)` : name))],
    ...names.map((name) => [name, ...instances.map(([, column]) => cell(column, name))]),
  ];
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((text, index) => text.padEnd(widths[index] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
