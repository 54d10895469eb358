import { type ArrayData, allocateData, dtypes, sizeOfShape } from "@beamtime/protocol";
import { z } from "zod";
import { scanEventVersion } from "./scan-event.js";
import { type Json, recordFromJson } from "./scan-info-json.js";
import { scanStates } from "./scan-state.js";

const infoSchema = z.record(z.string(), z.json()).transform((json, context) => {
  try {
    return recordFromJson(json as { [key: string]: Json }); // what z.json has accepted
  } catch (error) {
    context.addIssue({ code: "custom", message: String(error) });
    return z.NEVER;
  }
});

const shapeSchema = z.array(z.int().nonnegative());

const dataSchema = z
  .object({ dtype: z.enum(dtypes).exclude(["string", "bool"]), base64: z.base64() })
  .transform(({ dtype, base64 }, context): ArrayData => {
    const bytes = Buffer.from(base64, "base64");
    const { BYTES_PER_ELEMENT: size } = allocateData(dtype, 0) as Uint8Array; // no texts here
    if (bytes.length % size !== 0) {
      context.addIssue({ code: "custom", message: `${bytes.length} bytes are not a whole number of ${dtype}` });
      return z.NEVER;
    }
    const data = allocateData(dtype, bytes.length / size) as Uint8Array;
    new Uint8Array(data.buffer).set(bytes);
    return data;
  })
  .or(z.array(z.string()));

const nexusSchema = z.object({
  deviceType: z.string(),
  owner: z.string(),
  dataset: z.string(),
  info: z.record(z.string(), z.string()).exactOptional(),
});

const deviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  parent: z.string().nullable(),
  depth: z.int().positive(),
  channels: z.array(z.string()),
  metadata: infoSchema.exactOptional(),
});

const channelSchema = z.object({
  fullname: z.string(),
  shortName: z.string(),
  device: z.string(),
  dtype: z.enum(dtypes),
  shape: shapeSchema,
  unit: z.string().nullable(),
  reference: z.boolean(),
  nodeType: z.enum(["channel", "lima", "node_ref_channel"]),
  nexus: nexusSchema.exactOptional(),
});

const identitySchema = z.object({
  name: z.string(),
  number: z.int(),
  saved: z.boolean(),
  nodeName: z.string(),
  parentPath: z.array(z.string()),
  session: z.string(),
  filename: z.string(),
});

/** One event as it is written in a line of JSON; see `encodeScanEvent`. */
export const scanEventSchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("created"),
    version: z.literal(scanEventVersion),
    time: z.number(),
    identity: identitySchema,
    info: infoSchema,
  }),
  z.object({ type: z.literal("state"), time: z.number(), state: z.enum(scanStates) }),
  z.object({ type: z.literal("devices"), devices: z.array(deviceSchema), channels: z.array(channelSchema) }),
  z.object({ type: z.literal("prepared"), time: z.number(), info: infoSchema }),
  z
    .object({
      type: z.literal("data"),
      channel: z.int().nonnegative(),
      first: z.int().nonnegative(),
      npoints: z.int().positive(),
      pointShape: shapeSchema,
      data: dataSchema,
    })
    .refine(({ npoints, pointShape, data }) => data.length === npoints * sizeOfShape(pointShape), {
      error: "the data has not as many elements as npoints and pointShape say",
    }),
  z.object({ type: z.literal("deviceEnd"), device: z.string() }),
  z.object({ type: z.literal("info"), changes: infoSchema }),
  z.object({ type: z.literal("warning"), time: z.number(), source: z.string(), message: z.string() }),
  z.object({
    type: z.literal("ended"),
    time: z.number(),
    reason: z.enum(["SUCCESS", "USER_ABORT", "FAILURE"]),
    error: z.object({ name: z.string(), message: z.string() }).exactOptional(),
    info: infoSchema,
  }),
]);
