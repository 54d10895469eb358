import type { ScanDataEvent, ScanEndReason, ScanInfo } from "@beamtime/core";
import { type DefaultPlot, defaultPlot } from "./default-plot.js";
import type { DatasetLayout, EntryLayout } from "./entry-layout.js";
import { EntryPositions } from "./entry-positions.js";
import type { H5File } from "./h5-file.js";
import { H5Series } from "./h5-series.js";
import { isoTime } from "./iso-time.js";
import { MetadataWriter } from "./metadata-writer.js";
import { memberName } from "./names.js";
import { isDictionary, type ScanDetails } from "./scan-details.js";

const interpretations = [undefined, "spectrum", "image", "vertex"];
const noLayout: EntryLayout = { groups: [], datasets: [] };
/** Members of an entry that no category of metadata may take. */
const ownMembers = ["title", "start_time", "end_time", "end_reason", "measurement", "writer", "notes", "plotselect"];

/**
 * One entry `N.M` of a file: the scan as one top master saw it.
 *
 * The methods are called in this order: constructor, `describe`, `prepare`, `append` …, `end`; a scan that fails early
 * skips some of them. Paths and types are those of the external writer of BLISS 1.11.
 */
export class EntryWriter {
  readonly path: string;
  readonly #file: H5File;
  readonly #warn: (message: string) => void;
  readonly #reserved: Set<string>;
  readonly #metadata: MetadataWriter;
  readonly #positions: EntryPositions;
  readonly #datasets = new Map<number, DatasetLayout>();
  readonly #series = new Map<string, H5Series>();
  #layout = noLayout;
  #npoints = 0;

  constructor(
    file: H5File,
    path: string,
    start: { details: ScanDetails; time: number; warn: (message: string) => void },
  ) {
    this.path = path;
    this.#file = file;
    this.#warn = start.warn;
    this.#reserved = new Set(ownMembers.map((name) => `${path}/${name}`));
    this.#metadata = new MetadataWriter(file, this.#reserved);
    file.createGroup(path, "NXentry");
    file.text(`${path}/title`, start.details.title ?? "");
    file.text(`${path}/start_time`, isoTime(start.details.start_timestamp ?? start.time));
    file.createGroup(`${path}/instrument`, "NXinstrument");
    file.createGroup(`${path}/measurement`, "NXcollection");
    file.createGroup(`${path}/writer`, "NXnote");
    file.text(`${path}/writer/status`, "STARTING");
    file.text(`${path}/writer/date`, isoTime(start.time));
    this.#positions = new EntryPositions(file, `${path}/instrument`);
    this.#positions.writeSnapshots(start.details);
  }

  /** Makes the groups of the devices. */
  describe(layout: EntryLayout): void {
    this.#layout = layout;
    for (const { name, nxClass, texts } of layout.groups) {
      const path = `${this.path}/instrument/${name}`;
      this.#file.createGroup(path, nxClass);
      for (const [key, text] of Object.entries(texts)) this.#file.text(`${path}/${memberName(key)}`, text);
    }
    for (const dataset of layout.datasets) {
      this.#datasets.set(dataset.channel, dataset);
      for (const name of ["data", dataset.dataset]) {
        this.#reserved.add(`${this.path}/instrument/${dataset.group}/${name}`);
      }
    }
  }

  /** Writes what is known before the first point. */
  prepare(details: ScanDetails, info: ScanInfo): void {
    this.#npoints = details.npoints;
    const positioners = this.#layout.datasets.filter(({ positioner }) => positioner);
    this.#positions.writeSnapshots(details);
    this.#positions.begin(details, new Set(positioners.map(({ description }) => description.shortName)));
    this.#writeMetadata(details, info);
    this.#file.writeTexts(`${this.path}/writer/status`, ["RUNNING"]);
  }

  /** Whether the channel of this index belongs to this entry. */
  has(channel: number): boolean {
    return this.#datasets.has(channel);
  }

  append(event: ScanDataEvent): void {
    const dataset = this.#datasets.get(event.channel);
    if (!dataset) return;
    let series = this.#series.get(dataset.description.fullname);
    if (!series) {
      series = this.#createSeries(dataset, event.pointShape);
      this.#series.set(dataset.description.fullname, series);
      series.append(event);
      this.#link(dataset, series);
    } else series.append(event);
  }

  /** Writes points that are held back for their chunk. */
  writeHeld(): void {
    for (const series of this.#series.values()) series.writeHeld();
  }

  /** Completes the entry. */
  end(details: ScanDetails, info: ScanInfo, { time, reason }: { time: number; reason: ScanEndReason }): void {
    this.writeHeld();
    this.#positions.writeSnapshots(details);
    this.#positions.end(details);
    this.#writeMetadata(details, info);
    this.#writeNotes(details);
    this.#writePlot(details);
    this.#file.text(`${this.path}/end_reason`, reason);
    this.#file.writeTexts(`${this.path}/writer/status`, ["SUCCEEDED"]);
    this.#file.text(`${this.path}/end_time`, isoTime(time));
  }

  #createSeries({ description, group, dataset }: DatasetLayout, pointShape: readonly number[]): H5Series {
    const declared = description.shape.length === pointShape.length ? description.shape : pointShape;
    const path = `${this.path}/instrument/${group}/${dataset}`;
    const series = new H5Series(this.#file, path, {
      dtype: description.dtype,
      pointShape: declared.map((length, axis) => (length > 0 ? length : (pointShape[axis] ?? 0))),
      npoints: this.#npoints,
    });
    const interpretation = interpretations[declared.length];
    if (interpretation) this.#file.attribute(path, "interpretation", interpretation);
    if (description.unit) this.#file.attribute(path, "units", description.unit);
    return series;
  }

  #link({ main, dataset, group, link, positioner, description }: DatasetLayout, series: H5Series): void {
    const device = `${this.path}/instrument/${group}`;
    if (main && !positioner && dataset !== "data") this.#file.link(`${device}/data`, dataset);
    if (link !== null) {
      if (this.#file.has(`${this.path}/measurement/${link}`)) {
        this.#warn(`${description.fullname} has no link in measurement: ${link} is the name of another channel there`);
      } else this.#file.link(`${this.path}/measurement/${link}`, series.path);
    }
    if (positioner) this.#positions.link(description.shortName, series.path);
  }

  /** Writes, or updates, what the user and the devices tell. */
  #writeMetadata(details: ScanDetails, info: ScanInfo): void {
    for (const category of details.scan_meta_categories) {
      const content = info[category];
      if (category === "positioners" || category === "nexuswriter" || !isDictionary(content)) continue;
      this.#metadata.write(`${this.path}/${memberName(category)}`, content);
    }
    const devices = info["devices"];
    for (const { name, device } of this.#layout.groups) {
      const description = isDictionary(devices) ? devices[device] : undefined;
      const content = isDictionary(description) ? description["metadata"] : undefined;
      if (isDictionary(content)) this.#metadata.write(`${this.path}/instrument/${name}`, content);
    }
  }

  #writeNotes({ comments = [] }: ScanDetails): void {
    if (comments.length === 0) return;
    const notes = `${this.path}/notes`;
    this.#file.createGroup(notes, "NXcollection");
    comments.forEach(({ message, timestamp }, index) => {
      const note = `${notes}/note_${String(index + 1).padStart(2, "0")}`;
      this.#file.createGroup(note, "NXnote");
      this.#file.text(`${note}/data`, message);
      this.#file.text(`${note}/type`, "text/plain");
      this.#file.text(`${note}/date`, isoTime(timestamp));
    });
  }

  /** Makes the NXdata that readers such as silx show when they open the entry. */
  #writePlot(details: ScanDetails): void {
    const plot = defaultPlot(details, this.#layout, (name) => {
      const series = this.#series.get(name);
      return series !== undefined && series.pointRank === 0 && series.dtype !== "string" && series.length > 0;
    });
    if (!plot) return;
    const path = `${this.path}/plotselect`;
    this.#file.createGroup(path, "NXdata");
    const signals = this.#plotMembers(path, plot.signals, plot);
    const axes = this.#plotMembers(path, plot.axes, plot);
    this.#file.attribute(path, "signal", signals[0] ?? "");
    if (signals.length > 1) this.#file.attribute(path, "auxiliary_signals", signals.slice(1));
    this.#file.attribute(path, "axes", axes);
    this.#file.attribute(this.path, "default", "plotselect");
  }

  /** Links the datasets; readers want equal lengths, so after an aborted scan copies of what all have take their place. */
  #plotMembers(path: string, names: readonly string[], plot: DefaultPlot): string[] {
    const lengths = [...plot.signals, ...plot.axes].map((name) => this.#series.get(name)?.length ?? 0);
    const common = Math.min(...lengths);
    const members: string[] = [];
    for (const name of names) {
      const series = this.#series.get(name);
      const link = this.#layout.datasets.find(({ description }) => description.fullname === name)?.link;
      if (!series || !link) continue;
      members.push(link);
      if (lengths.every((length) => length === common)) this.#file.link(`${path}/${link}`, series.path);
      else this.#file.copyStart(series.path, `${path}/${link}`, common);
    }
    return members;
  }
}
