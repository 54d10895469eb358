import type { EntryLayout } from "./entry-layout.js";
import type { ScanDetails } from "./scan-details.js";

/** The curve or scatter plot that a reader shows first; channels by full name. */
export interface DefaultPlot {
  readonly signals: readonly string[];
  /** One for a curve, two for a scatter plot. */
  readonly axes: readonly string[];
}

const timerNames = new Set(["elapsed_time", "epoch"]);

/**
 * What to show of an entry: the channels that the user selected, else those of the scan's first plot, else all
 * counters; against the axes of that plot, else the first positioner. Undefined when there is nothing, or nothing
 * shall be shown.
 *
 * @param has whether a channel has scalar points in this entry
 */
export function defaultPlot(
  details: ScanDetails,
  layout: EntryLayout,
  has: (fullname: string) => boolean,
): DefaultPlot | undefined {
  if (details.plots?.length === 0) return undefined;
  const items = details.plots?.[0]?.items ?? [];
  const isScatter = details.plots?.[0]?.kind === "scatter-plot";
  const names = layout.datasets.map(({ description }) => description.fullname);
  const positioners = layout.datasets
    .filter(({ positioner }) => positioner)
    .map(({ description }) => description.fullname);

  const item = items[0];
  const wantedAxes = isScatter ? [item?.x, item?.y] : [item?.x ?? positioners[0]];
  const axes = wantedAxes.filter((name) => name !== undefined).filter(has);
  if (axes.length < wantedAxes.length) return undefined;

  const selected = details._display_extra?.displayed_channels ?? details._display_extra?.plotselect ?? [];
  const plotted = items.map((other) => (isScatter ? other.value : other.y)).filter((name) => name !== undefined);
  const counters = layout.datasets
    .filter(({ positioner, main, group }) => main && !positioner && !timerNames.has(group))
    .map(({ description }) => description.fullname);
  for (const choice of [selected, plotted, counters]) {
    const signals = names.filter((name) => choice.includes(name) && has(name) && !axes.includes(name));
    if (signals.length > 0) return { signals, axes };
  }
  return undefined;
}
