import { readFile } from "node:fs/promises";

/** One field of a hash or of a stream entry; `b64` has its bytes. */
export interface VectorField {
  readonly field: string;
  readonly b64: string;
  /** Python's rendering of the decoded value, for people. */
  readonly repr?: string;
}

interface VectorValue {
  readonly b64: string;
  readonly repr?: string;
}

export interface VectorEntry {
  readonly id: string;
  readonly fields: readonly VectorField[];
}

/** One key with its value; `ttl` in seconds, -1 for none. */
export type VectorKey = { readonly key: string; readonly ttl: number } & (
  | { readonly type: "hash"; readonly fields: readonly VectorField[] }
  | { readonly type: "stream"; readonly last_generated_id: string; readonly entries: readonly VectorEntry[] }
  | { readonly type: "list"; readonly items: readonly VectorValue[] }
  | { readonly type: "string"; readonly value: VectorValue }
);

/** Content of a database, as in `tooling/vectors/redis-*.json`. */
export interface RedisVector {
  readonly keys: readonly VectorKey[];
}

/** Reads `tooling/vectors/<name>.json`: what real BLISS left in Redis. */
export async function loadRedisVector(name: string): Promise<RedisVector> {
  const file = new URL(`../../../tooling/vectors/${name}.json`, import.meta.url);
  return JSON.parse(await readFile(file, "utf8")) as RedisVector; // our own fixture, written in this form
}
