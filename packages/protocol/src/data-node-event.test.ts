import { describe, expect, it } from "vitest";
import { channelEntryId, channelEntryIndex } from "./channel-entry-id.js";
import {
  decodeEvent,
  type EventFields,
  encodeChannelData,
  encodeEndScan,
  encodeNewNode,
  encodePreparedScan,
} from "./data-node-event.js";
import { writePickle } from "./pickle-writer.js";

/** As fields come from Redis. */
const raw = (fields: EventFields): Uint8Array[] => fields.map((field) => Buffer.from(field));

describe("events", () => {
  it("come back as they were written", () => {
    const description = writePickle({ dtype: "float64" });
    const data = writePickle(1.5);
    expect(decodeEvent(raw(encodeNewNode("s:1_ascan")))).toEqual({ type: "NEW_NODE", dbName: "s:1_ascan" });
    expect(decodeEvent(raw(encodePreparedScan(12.5)))).toEqual({ type: "PREPARED_SCAN", timestamp: 12.5 });
    expect(decodeEvent(raw(encodeEndScan(13, "")))).toEqual({ type: "END_SCAN", timestamp: 13, exception: "" });
    const event = decodeEvent(raw(encodeChannelData(description, 12, data)));
    expect(event).toMatchObject({ type: "CHANNELDATA", npoints: 12 });
  });

  it("may have more fields, in another order", () => {
    const fields = raw(["extra", "1", "db_name", "s:1", "__EVENT__", "NEW_NODE"]);
    expect(decodeEvent(fields)).toEqual({ type: "NEW_NODE", dbName: "s:1" });
  });

  it("of other types are told by name", () => {
    expect(decodeEvent(raw(["__EVENT__", "TIME"]))).toEqual({ type: "UNKNOWN", event: "TIME" });
  });

  it.each([
    [["db_name", "s:1"], "__EVENT__"],
    [["__EVENT__", "NEW_NODE"], "db_name"],
    [["__EVENT__", "CHANNELDATA", "__NPOINTS__", "1"], "__DESC__"],
    [["__EVENT__", "CHANNELDATA", "__NPOINTS__", "many"], "__NPOINTS__"],
    [["__EVENT__", "CHANNELDATA", "__NPOINTS__", "-1"], "__NPOINTS__"],
  ])("that lack what they need are refused: %j", (fields, name) => {
    expect(() => decodeEvent(raw(fields))).toThrow(
      expect.objectContaining({ code: "PROTOCOL", message: expect.stringContaining(name) }),
    );
  });

  it.each([
    ["None, which Python also writes", writePickle(null), ""],
    ["what is no text", writePickle([1]), "unreadable"],
    ["what is no pickle", Uint8Array.of(7), "unreadable"],
  ])("end a scan also with an exception that is %s", (_, exception, shown) => {
    const event = decodeEvent(["__EVENT__", "END_SCAN", "__TIMESTAMP__", exception, "__EXCEPTION__", exception]);
    expect(event).toEqual({ type: "END_SCAN", timestamp: null, exception: shown });
  });
});

describe("entry ids of channels", () => {
  it("count from 1", () => {
    expect([channelEntryId(0), channelEntryIndex("1-0"), channelEntryIndex("2049")]).toEqual(["1", 0, 2048]);
  });

  it.each(["0-1", "x-0", ""])("are never '%s'", (id) => {
    expect(() => channelEntryIndex(id)).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });
});
