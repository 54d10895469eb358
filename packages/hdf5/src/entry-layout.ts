import type { ChannelDescription, DeviceDescription, ScanDevicesEvent } from "@beamtime/core";
import { memberName, normalizedName, shortestUniqueNames, untakenName } from "./names.js";

/** A group of `instrument`: what one counter, motor or detector element gives. */
interface GroupLayout {
  readonly name: string;
  readonly nxClass: "NXpositioner" | "NXdetector";
  /** Id of the acquisition object behind it. */
  readonly device: string;
  /** Small texts beside the data: `type`, `mode`, … */
  readonly texts: Readonly<Record<string, string>>;
}

/** Where the points of a channel go. */
export interface DatasetLayout {
  /** Index of the channel in the scan. */
  readonly channel: number;
  readonly description: ChannelDescription;
  readonly group: string;
  readonly dataset: string;
  /** The dataset that the group is about: it gives the group its `data`, and its link the plain name. */
  readonly main: boolean;
  /** Name in `measurement`; null for what is not linked there. */
  readonly link: string | null;
  readonly positioner: boolean;
}

/** The tree of one top master, apart from the data. */
export interface EntryLayout {
  readonly groups: readonly GroupLayout[];
  readonly datasets: readonly DatasetLayout[];
}

/** Names of datasets that a group is about, best first. */
const mainDatasets = ["value", "data", "signal", "spectrum", "image", "sum"];
/** Devices whose groups carry the name of the controller too: `simu1_det0`, `cam1_roi1`. */
const devicesOfSeveralGroups = new Set(["mca", "mythen", "lima"]);
/** Members of `instrument` that are not devices. */
const reservedNames = ["name", "positioners"].concat(
  ["start", "end", "dial_start", "dial_end"].map((when) => `positioners_${when}`),
);

/**
 * The entries of a scan, one for each top master in the order of the chain.
 *
 * Scalars of a top master that triggers something are positioners, everything else is a detector. Channels of one
 * counter ({@link ChannelDescription.nexus}) share a group.
 */
export function entryLayouts({ devices, channels }: Pick<ScanDevicesEvent, "devices" | "channels">): EntryLayout[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  const masters = new Set(devices.map((device) => device.parent));
  const tops = devices.filter((device) => device.parent === null);
  return tops.map((top) => {
    const own = channels
      .map((description, channel) => ({ description, channel }))
      .filter(({ description }) => topOf(description.device, byId) === top.id);
    return entryLayout(own, (description) => isPositioner(description, top, masters));
  });
}

function topOf(id: string, byId: ReadonlyMap<string, DeviceDescription>): string {
  let top = id;
  for (let parent = byId.get(id)?.parent; parent; parent = byId.get(parent)?.parent) top = parent;
  return top;
}

function isPositioner(description: ChannelDescription, top: DeviceDescription, masters: ReadonlySet<string | null>) {
  return description.device === top.id && masters.has(top.id) && description.shape.length === 0 && !description.nexus;
}

interface NumberedChannel {
  readonly channel: number;
  readonly description: ChannelDescription;
}

function entryLayout(
  channels: readonly NumberedChannel[],
  isPositionerChannel: (description: ChannelDescription) => boolean,
): EntryLayout {
  const owners = ownerNames(channels.map(({ description }) => description));
  const shortNames = shortestUniqueNames(owners.values());
  const groups = new Map<string, GroupLayout & { readonly datasets: Set<string> }>();
  const takenGroups = new Set(reservedNames);
  const places = channels.map(({ channel, description }) => {
    const positioner = isPositionerChannel(description);
    const owner = ownerOf(description);
    let group = groups.get(owner);
    if (!group) {
      const fullName = owners.get(owner) ?? owner;
      const whole = devicesOfSeveralGroups.has(description.nexus?.deviceType ?? "");
      const texts = description.nexus ? { ...description.nexus.info, type: description.nexus.deviceType } : {};
      group = {
        name: untakenName(normalizedName(whole ? fullName : (shortNames.get(fullName) ?? fullName)), takenGroups),
        nxClass: positioner ? "NXpositioner" : "NXdetector",
        device: description.device,
        texts,
        datasets: new Set(Object.keys(texts)),
      };
      groups.set(owner, group);
    }
    const wanted = memberName(description.nexus?.dataset ?? (positioner ? "value" : "data"));
    return { channel, description, positioner, group, dataset: untakenName(wanted, group.datasets) };
  });
  return {
    groups: [...groups.values()],
    datasets: places.map(({ group, dataset, ...place }) => {
      const main = mainDatasets.find((name) => group.datasets.has(name)) === dataset;
      const link = main ? group.name : `${group.name}_${dataset}`;
      return { ...place, group: group.name, dataset, main, link: place.description.reference ? null : link };
    }),
  };
}

function ownerOf(description: ChannelDescription): string {
  return description.nexus?.owner ?? description.fullname;
}

/** The names of the owners, by owner, with the alias in the place of the last part where there is one. */
function ownerNames(descriptions: readonly ChannelDescription[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const description of descriptions) {
    const owner = ownerOf(description);
    const { fullname, shortName } = description;
    if (fullname === owner) names.set(owner, fullname.slice(0, fullname.lastIndexOf(":") + 1) + shortName);
    else if (!names.has(owner)) names.set(owner, owner);
  }
  return names;
}
