import {
  decodeChannelData,
  decodeDescription,
  decodeEvent,
  decodeInfo,
  decodeNodeStruct,
  type EventFields,
  encodeChannelData,
  encodeEndScan,
  encodeNewNode,
  encodePreparedScan,
  readPickle,
  sizeOfShape,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { pythonRepr } from "./python-repr.js";
import { fromBase64, redisDump, redisDumps } from "./vectors.js";

// BLISS wrote these in UTC, and stream entries carry local time as text.
process.env["TZ"] = "UTC";

type Field = { readonly field: string; readonly b64: string; readonly repr: string };

/** Fields in which BLISS has equal texts that are two objects: CPython writes both, we refer to the first. */
const sharedTexts = new Set(["devices", "positioners", "channels"]);

describe.each(redisDumps)("the database left by %s", (name) => {
  const keys = redisDump(name);
  const hashes = keys.filter((key) => key.type === "hash");
  const infos = hashes.filter(({ key }) => key.endsWith("_info"));
  const structs = hashes.filter(({ key }) => !key.endsWith("_info"));
  const streams = keys.filter((key) => key.type === "stream");

  it("has structs that all decode", () => {
    expect(structs.length).toBeGreaterThan(3);
    for (const { key, fields } of structs) {
      const struct = decodeNodeStruct(Object.fromEntries(fields.map(({ field, repr }) => [field, repr])));
      expect(struct).toMatchObject({ version: "v1.1", dbName: key, nodeType: reprOf(fields, "node_type") });
    }
  });

  it("has infos whose every field decodes to what Python shows", () => {
    expect(infos.length).toBeGreaterThan(2);
    for (const { fields } of infos) {
      const info = decodeInfo(fields.map(({ field, b64 }) => [field, fromBase64(b64)] as const));
      expect(info.unreadable).toEqual([]);
      expect(Object.keys(info.values).sort()).toEqual(fields.map(({ field }) => field).sort());
      for (const { b64, repr } of fields) expect(pythonRepr(readPickle(fromBase64(b64)))).toBe(repr);
    }
  });

  it("has infos that are written again byte for byte", () => {
    for (const { field, b64 } of infos.flatMap(({ fields }) => fields)) {
      const bytes = fromBase64(b64);
      const written = writePickle(readPickle(bytes));
      if (sharedTexts.has(field)) expect(readPickle(written)).toStrictEqual(readPickle(bytes));
      else expect([field, hex(written)]).toEqual([field, hex(bytes)]);
    }
  });

  it("has events that decode and are written again byte for byte", () => {
    for (const { key, entries } of streams) {
      for (const { fields } of entries) {
        const raw = fields.flatMap(({ field, b64 }) => [field, fromBase64(b64)]);
        expect(asHex(encodeAgain(raw)), key).toEqual(asHex(raw));
      }
    }
  });

  it("has channel data that decodes to what Python shows, in the shape of its description", () => {
    for (const { entries } of streams) {
      for (const { fields } of entries) {
        if (reprOf(fields, "__EVENT__") !== "CHANNELDATA") continue;
        const event = decodeEvent(fields.flatMap(({ field, b64 }) => [field, fromBase64(b64)]));
        if (event.type !== "CHANNELDATA") throw new Error(event.type);
        const description = decodeDescription(event.description);
        const { dtype, shape, data } = decodeChannelData(event.data, description, event.npoints);
        expect(dtype).toBe(description.dtype);
        expect(shape).toEqual([event.npoints, ...description.shape]);
        expect(data).toHaveLength(sizeOfShape(shape));
        const shown = pythonRepr(readPickle(event.data));
        if (shown !== "array") expect(shown).toBe(reprOf(fields, "__DATA__"));
      }
    }
  });
});

it("reads the spectra of a simulated detector", () => {
  const stream = redisDump("dtypes").find(({ key }) => key.endsWith(":img_data"));
  if (stream?.type !== "stream") throw new Error("no stream");
  const images = stream.entries.map(({ fields }) => {
    const event = decodeEvent(fields.flatMap(({ field, b64 }) => [field, fromBase64(b64)]));
    if (event.type !== "CHANNELDATA") throw new Error(event.type);
    return decodeChannelData(event.data, decodeDescription(event.description), event.npoints);
  });
  expect(images[1]).toStrictEqual({
    dtype: "uint16",
    shape: [2, 2, 3],
    data: Uint16Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
  });
});

function reprOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find(({ field }) => field === name)?.repr;
}

function encodeAgain(fields: EventFields): EventFields {
  const event = decodeEvent(fields);
  switch (event.type) {
    case "NEW_NODE":
      return encodeNewNode(event.dbName);
    case "PREPARED_SCAN":
      return encodePreparedScan(event.timestamp ?? 0);
    case "END_SCAN":
      return encodeEndScan(event.timestamp ?? 0, event.exception);
    case "CHANNELDATA":
      return encodeChannelData(
        writePickle(readPickle(event.description)),
        event.npoints,
        writePickle(readPickle(event.data)),
      );
    case "LIMAIMAGESTATUS":
      return ["__EVENT__", "LIMAIMAGESTATUS", "__STATUS__", writePickle(readPickle(event.status))];
    case "UNKNOWN":
      throw new Error(`unknown event ${event.event}`);
  }
}

function asHex(fields: EventFields): string[] {
  return fields.map((field) => hex(typeof field === "string" ? Buffer.from(field) : field));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
