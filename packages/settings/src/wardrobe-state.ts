import { abortable } from "@beamtime/concurrency";
import type { RedisConnection } from "@beamtime/redis";
import { transact } from "./base-setting.js";
import { inOrder, orderKey } from "./ordered-hash-setting.js";

/** Name of the instance that always exists; it has the values that others lack. */
export const defaultInstance = "default";

/** The field with the time at which an instance was made. */
export const creationField = "_creation_date";

/** All of a wardrobe at one moment; values are pickles. */
export interface WardrobeState {
  /** Names of the instances; the first is the current one. */
  readonly instances: readonly string[];
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Buffer>>;
}

/** The key with the list of instances of a wardrobe; those of its instances begin with it and a colon. */
export function wardrobeKey(name: string): string {
  return `parameters:${name}`;
}

export function instanceKey(name: string, instance: string): string {
  return `${wardrobeKey(name)}:${instance}`;
}

/** Reads a wardrobe as one step. Only when instances were added since `known` it takes a second one. */
export async function readWardrobe(
  { client }: RedisConnection,
  name: string,
  known: readonly string[],
  signal?: AbortSignal,
): Promise<WardrobeState> {
  let asked = known;
  for (;;) {
    signal?.throwIfAborted();
    const reading = transact(client, (multi) => {
      multi.lrange(wardrobeKey(name), 0, -1);
      for (const instance of asked) {
        const key = instanceKey(name, instance);
        multi.zrange(orderKey(key), "0", "-1").hgetallBuffer(key);
      }
    });
    const [list, ...answers] = await abortable(reading, signal);
    // what Redis answers to LRANGE
    const instances = list as string[];
    const values = new Map(
      asked.map((instance, index) => {
        const [order, fields] = answers.slice(2 * index);
        // what Redis answers to ZRANGE and HGETALL
        return [instance, inOrder(order as string[], fields as Record<string, Buffer>)];
      }),
    );
    if (instances.every((instance) => values.has(instance))) return { instances, values };
    asked = instances;
  }
}
