import type { AcquisitionChain } from "./acquisition-chain.js";
import type { AcquisitionChannel } from "./acquisition-channel.js";
import type { AcquisitionObject } from "./acquisition-object.js";
import type { ChannelDescription, DeviceDescription } from "./scan-event.js";
import type { ScanInfo } from "./scan-info.js";

/** The chain of one scan as the outside sees it: ids, unique channel names, what the devices tell of themselves. */
export class ChainDescription {
  readonly #chain: AcquisitionChain;
  readonly #ids = new Map<AcquisitionObject, string>();
  readonly #metadata = new Map<AcquisitionObject, ScanInfo>();
  readonly #channels: AcquisitionChannel[] = [];

  /** Renames channels so that no two have one full name: the first keeps it, others become `<parent>:<name>`. */
  constructor(chain: AcquisitionChain) {
    this.#chain = chain;
    const names = new Set<string>();
    chain.nodesList.forEach((object, index) => {
      this.#ids.set(object, `${index + 1}:${object.name}`);
      for (const channel of object.channels) {
        channel.fullname = uniqueName(channel.fullname, object.parent?.name, names);
        names.add(channel.fullname);
        this.#channels.push(channel);
      }
    });
  }

  /** All channels, in the order of the devices event. */
  get channels(): readonly AcquisitionChannel[] {
    return this.#channels;
  }

  idOf(object: AcquisitionObject): string {
    return this.#ids.get(object) ?? object.name;
  }

  /** Asks every object for its metadata, and keeps it with what it told before. */
  async collect(timing: "start" | "prepared" | "end"): Promise<void> {
    for (const object of this.#ids.keys()) {
      const told = await object.metadata?.(timing);
      if (told) this.#metadata.set(object, { ...this.#metadata.get(object), ...told });
    }
  }

  /** Parents before children. */
  describeDevices(): DeviceDescription[] {
    return [...this.#ids].map(([object, id]) => {
      const metadata = this.#metadata.get(object);
      return {
        id,
        name: object.name,
        parent: object.parent ? this.idOf(object.parent) : null,
        depth: depthOf(object),
        channels: object.channels.map(({ fullname }) => fullname),
        ...(metadata && { metadata }),
      };
    });
  }

  describeChannels(): ChannelDescription[] {
    return [...this.#ids].flatMap(([object, device]) =>
      object.channels.map((channel) => ({
        fullname: channel.fullname,
        shortName: channel.shortName,
        device,
        dtype: channel.dtype,
        shape: channel.shape,
        unit: channel.unit,
        reference: channel.reference,
        nodeType: channel.nodeType,
        ...(channel.nexus && { nexus: channel.nexus }),
      })),
    );
  }

  /** The keys `acquisition_chain`, `devices` and `channels` of scan_info. */
  info(): ScanInfo {
    return {
      acquisition_chain: Object.fromEntries(this.#chain.topMasters.map((top) => [top.name, this.#branchInfo(top)])),
      devices: Object.fromEntries([...this.#ids.keys()].map((object) => [this.idOf(object), this.#deviceInfo(object)])),
      channels: Object.fromEntries([...this.#ids.keys()].flatMap((object) => this.#channelInfo(object))),
    };
  }

  #branchInfo(top: AcquisitionObject): ScanInfo {
    const [, ...below] = this.#subtree(top);
    return {
      master: byRank(top.channels),
      ...(below.length > 0 && byRank(below.flatMap(({ channels }) => channels))),
      devices: [top, ...below].map((object) => this.idOf(object)),
    };
  }

  #deviceInfo(object: AcquisitionObject): ScanInfo {
    const slaves = this.#chain.slavesOf(object);
    const metadata = this.#metadata.get(object);
    return {
      ...(slaves.length > 0 && { triggered_devices: slaves.map((slave) => this.idOf(slave)) }),
      channels: object.channels.map(({ fullname }) => fullname),
      ...(metadata && { metadata }),
    };
  }

  #channelInfo(object: AcquisitionObject): [string, ScanInfo][] {
    const extra = object.channelInfo?.() ?? {};
    return object.channels.map((channel) => [
      channel.fullname,
      {
        ...extra[channel.fullname],
        device: this.idOf(object),
        ...(channel.unit !== null && { unit: channel.unit }),
        display_name: channel.shortName,
        dim: channel.shape.length,
      },
    ]);
  }

  #subtree(object: AcquisitionObject): AcquisitionObject[] {
    return [object, ...this.#chain.slavesOf(object).flatMap((slave) => this.#subtree(slave))];
  }
}

function uniqueName(name: string, parent: string | undefined, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const longer = parent === undefined ? name : `${parent}:${name}`;
  if (!taken.has(longer)) return longer;
  let count = 2;
  while (taken.has(`${longer}#${count}`)) count++;
  return `${longer}#${count}`;
}

function depthOf(object: AcquisitionObject): number {
  return object.parent ? depthOf(object.parent) + 1 : 1;
}

function byRank(channels: readonly AcquisitionChannel[]): ScanInfo {
  const ofRank = (rank: number): string[] =>
    channels.filter(({ shape }) => shape.length === rank).map(({ fullname }) => fullname);
  return { scalars: ofRank(0), spectra: ofRank(1), images: ofRank(2) };
}
