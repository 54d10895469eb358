import { ensureContainers, expireContainers, setContainerInfo } from "@beamtime/publisher";
import type { RedisConnection } from "@beamtime/redis";
import { HashObjSetting, type SettingContent } from "@beamtime/settings";
import { ScanSavingError } from "./scan-saving-error.js";

/** A dataset as Redis has it, from the session down. */
export interface DatasetPlace {
  readonly session: string;
  /** Names of the directories above the proposal. */
  readonly base: readonly string[];
  readonly proposal: { readonly name: string; readonly path: string };
  readonly collection: { readonly name: string; readonly path: string };
  readonly dataset: { readonly name: string; readonly path: string; readonly nodeName: string };
}

/** A level of the data policy. */
export type PolicyLevel = "proposal" | "dataset_collection" | "dataset";

/** How long the nodes of a closed dataset or proposal stay, in seconds. */
const closedTtl = 86_400;

/**
 * The nodes of proposals, collections and datasets in the data database.
 *
 * @see BLISS `bliss/icat`
 */
export class PolicyNodes {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** Creates the nodes down to a level, as far as they are not there, and keeps those above from expiring. */
  async ensure(place: DatasetPlace, level: PolicyLevel): Promise<void> {
    const { session, base, proposal, collection, dataset } = place;
    const policy = [
      { name: proposal.name, type: "proposal", info: { __name__: proposal.name, __path__: proposal.path } },
      {
        name: collection.name,
        type: "dataset_collection",
        info: { __name__: collection.name, __path__: collection.path, Sample_name: collection.name },
      },
      {
        name: dataset.nodeName,
        type: "dataset",
        info: { __name__: dataset.name, __path__: dataset.path, __closed__: false, __registered__: false },
      },
    ] as const;
    const containers = [session, ...base].map((name) => ({ name, type: "container" as const }));
    const depth = { proposal: 1, dataset_collection: 2, dataset: 3 }[level];
    await ensureContainers(this.#connection, [...containers, ...policy.slice(0, depth)]);
  }

  /**
   * Begins a dataset, unless it has begun.
   *
   * @throws ScanSavingError when it is closed
   */
  async begin(place: DatasetPlace, now: Date): Promise<void> {
    await this.ensure(place, "dataset");
    const info = await this.#info(place, "dataset");
    if (info.get("__closed__") === true) {
      throw new ScanSavingError(
        `dataset '${place.dataset.name}' of ${place.collection.name} is closed: choose another one with newdataset()`,
      );
    }
    if (info.get("__metadata_gathered__") === true) return;
    await this.describe(place, "dataset", { startDate: now, __metadata_gathered__: true });
  }

  /** Sets metadata of a level, which is there. */
  describe(place: DatasetPlace, level: PolicyLevel, info: Parameters<typeof setContainerInfo>[2]): Promise<void> {
    return setContainerInfo(this.#connection, dbName(place, level), info);
  }

  /** Sets the description of a dataset. There is no field for it: as BLISS does, it is put behind the one of its sample. */
  async describeDataset(place: DatasetPlace, description: string): Promise<void> {
    const sample = (await this.#info(place, "dataset_collection")).get("Sample_description");
    const text = typeof sample === "string" && sample ? `${sample} (${description})` : description;
    await this.describe(place, "dataset", { Sample_description: text });
  }

  /**
   * Closes a dataset: it takes no more scans, keeps what proposal and collection say of it now, and expires. One that has
   * no node or is closed stays as it is.
   */
  async closeDataset(place: DatasetPlace, now: Date): Promise<void> {
    const info = await this.#info(place, "dataset");
    if (info.size === 0 || info.get("__closed__") === true) return;
    const above = [...(await this.#info(place, "proposal")), ...(await this.#info(place, "dataset_collection"))];
    // metadata are texts; what begins with __ is of the node itself
    const inherited = above.flatMap(([field, value]): [string, string][] => {
      return typeof value === "string" && !field.startsWith("__") && !info.has(field) ? [[field, value]] : [];
    });
    await this.describe(place, "dataset", {
      ...Object.fromEntries(inherited),
      ...(info.has("definition") ? {} : { definition: "UNKNOWN" }),
      endDate: now,
      __frozen__: true,
      __closed__: true,
    });
    await expireContainers(this.#connection, dbName(place, "dataset"), closedTtl);
  }

  /** Lets a proposal expire with all that is below it. */
  closeProposal(place: DatasetPlace): Promise<void> {
    return expireContainers(this.#connection, dbName(place, "proposal"), closedTtl);
  }

  #info(place: DatasetPlace, level: PolicyLevel): Promise<Map<string, SettingContent>> {
    return new HashObjSetting(this.#connection, `${dbName(place, level)}_info`).getAll();
  }
}

function dbName({ session, base, proposal, collection, dataset }: DatasetPlace, level: PolicyLevel): string {
  const names = [proposal.name, collection.name, dataset.nodeName];
  const depth = { proposal: 1, dataset_collection: 2, dataset: 3 }[level];
  return [session, ...base, ...names.slice(0, depth)].join(":");
}
