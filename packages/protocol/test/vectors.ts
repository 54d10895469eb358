import { readFileSync } from "node:fs";
import { z } from "zod";

const directory = new URL("../../../tooling/vectors/", import.meta.url);

function load<Schema extends z.ZodType>(file: string, schema: Schema): z.infer<Schema> {
  return schema.parse(JSON.parse(readFileSync(new URL(file, directory), "utf8")));
}

const numpySchema = z.object({
  vectors: z.array(z.object({ expr: z.string(), protocol: z.number(), b64: z.base64() })),
});

const beaconPickleSchema = z.object({
  vectors: z.array(
    z.object({
      name: z.string(),
      protocol: z.number(),
      hex: z.string().optional(),
      base64: z.string().optional(),
      value: z.unknown(),
    }),
  ),
});

const fieldSchema = z.object({ field: z.string(), b64: z.base64(), repr: z.string() });
const redisSchema = z.object({
  keys: z.array(
    z.discriminatedUnion("type", [
      z.object({ key: z.string(), type: z.literal("hash"), fields: z.array(fieldSchema) }),
      z.object({
        key: z.string(),
        type: z.literal("stream"),
        entries: z.array(z.object({ id: z.string(), fields: z.array(fieldSchema) })),
      }),
      z.object({ key: z.string(), type: z.literal("list"), items: z.array(z.unknown()) }),
      z.object({ key: z.string(), type: z.literal("string"), value: z.unknown() }),
    ]),
  ),
});

const channelSchema = z.object({ vectors: z.array(z.object({ name: z.string(), hex: z.string() })) });

const wireSchema = z.object({
  transcripts: z.array(
    z.object({
      name: z.string(),
      frames: z.array(z.object({ connection: z.number(), direction: z.string(), type: z.number(), hex: z.string() })),
    }),
  ),
});

/** One value as one interpreter pickled it. */
export interface PickleVector {
  readonly name: string;
  readonly protocol: number;
  readonly bytes: Uint8Array;
}

/** Pickles written with NumPy 1 or 2. */
export function numpyVectors(generation: 1 | 2): PickleVector[] {
  return load(`pickle-numpy${generation}.json`, numpySchema).vectors.map(({ expr, protocol, b64 }) => {
    return { name: expr, protocol, bytes: fromBase64(b64) };
  });
}

/** Pickles of settings and shared channels, with the decoded value in the JSON form that the file explains. */
export function beaconPickles(): (PickleVector & { readonly value: unknown })[] {
  return load("beacon-pickle.json", beaconPickleSchema).vectors.map(({ name, protocol, hex, base64, value }) => {
    const bytes = hex === undefined ? Buffer.from(base64 ?? "", "base64") : Buffer.from(hex, "hex");
    return { name, protocol, bytes: Uint8Array.from(bytes), value };
  });
}

/** What BLISS publishes on the Redis channel of a shared channel, by the names of the file. */
export function channelMessages(): { readonly name: string; readonly bytes: Uint8Array }[] {
  return load("beacon-channel.json", channelSchema).vectors.map(({ name, hex }) => {
    return { name, bytes: Uint8Array.from(Buffer.from(hex, "hex")) };
  });
}

/** The database that BLISS left. */
export function redisDump(name: string): z.infer<typeof redisSchema>["keys"] {
  return load(`redis-${name}.json`, redisSchema).keys;
}

/** Names of the databases. */
export const redisDumps = [
  "aborted",
  "amesh",
  "comments-meta",
  "ct",
  "data-policy",
  "dtypes",
  "failed",
  "group",
  "lima",
  "lima-nosaving",
  "scan",
  "scan-nosave",
  "sequence",
  "spectrum",
] as const;

/** Frames on the wire between BLISS's Beacon server and its clients. */
export function wireTranscripts(): z.infer<typeof wireSchema>["transcripts"] {
  return load("beacon-wire.json", wireSchema).transcripts;
}

/** Bytes of base64 text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}
