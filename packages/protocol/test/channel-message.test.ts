import {
  type ChannelMessage,
  decodeChannelMessage,
  encodeChannelQuery,
  encodeChannelReply,
  encodeChannelValue,
  PickleError,
  type PickleValue,
  ProtocolError,
  pyClass,
  pyFloat,
  pyTuple,
  toPlain,
  writePickle,
} from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { channelMessages } from "./vectors.js";

const timestamp = 1700000000.25;
const query = { name: "stop_alignment", id: "0123456789abcdef0123456789abcdef" };
const value = (plain: unknown): unknown => ({ kind: "value", timestamp, value: plain });

const expected: Record<string, unknown> = {
  "value false": value(false),
  "value true": { kind: "value", timestamp: 1700000001.5, value: true },
  "value none": value(null),
  "value int": value(3),
  "value float": value(2.5),
  "value str": value("READY"),
  "value dict": value({ a: [1, 2.5, null, "x", [1, 2]], b: true }),
  query: { kind: "query", ...query },
  "reply none": { kind: "reply", ...query, value: null },
  "reply value": { kind: "reply", ...query, value: { timestamp, value: true } },
  "event channel": value([{ type: "x" }, 2]),
  "axis state ready": value(["READY"]),
  "axis state moving": value(["MOVING"]),
  "axis state ready limpos": value(["READY", "LIMPOS"]),
  "data policy event": value([{ event_type: "enabled", value: { data_path: "/data/visitor/x" } }]),
};

/** The message with plain values. */
function plain(message: ChannelMessage): unknown {
  if (message.kind === "query") return message;
  if (message.kind === "value") return { ...message, value: toPlain(message.value) };
  return { ...message, value: message.value && { ...message.value, value: toPlain(message.value.value) } };
}

function encode(message: ChannelMessage): Uint8Array {
  if (message.kind === "query") return encodeChannelQuery(message);
  return message.kind === "value" ? encodeChannelValue(message) : encodeChannelReply(message);
}

describe("messages of channels", () => {
  const vectors = channelMessages();

  it("are all expected", () => {
    expect(vectors.map(({ name }) => name)).toEqual(Object.keys(expected));
  });

  it.each(vectors)("are read as BLISS means them: $name", ({ name, bytes }) => {
    expect(plain(decodeChannelMessage(bytes))).toEqual(expected[name]);
  });

  // The enumeration of the last one is read as its text, which Python does not take for it.
  it.each(vectors.filter(({ name }) => name !== "data policy event"))(
    "are written back byte for byte: $name",
    ({ bytes }) => {
      expect(Buffer.from(encode(decodeChannelMessage(bytes))).toString("hex")).toBe(Buffer.from(bytes).toString("hex"));
    },
  );

  it("are accepted without frame and memo, in protocol 2, and with an integer for a timestamp", () => {
    const text = (value: string): string => `8c${hex([value.length])}${Buffer.from(value).toString("hex")}`;
    const minimal = `8004${text("bliss.config.channels")}${text("_Value")}93 4741d954fc40100000 89 86 81 2e`;
    expect(decodeChannelMessage(bytesOf(minimal))).toEqual(value(false));
    const old = `8002 63${Buffer.from("bliss.config.channels\n_Value\n").toString("hex")} 4b05 88 86 81 2e`;
    expect(decodeChannelMessage(bytesOf(old))).toEqual({ kind: "value", timestamp: 5, value: true });
  });

  it.each([
    ["a plain tuple", writePickle(pyTuple([1, 2]))],
    ["a class that is no object", writePickle(pyClass("bliss.config.channels", "_Value"))],
    ["an axis state alone", writePickle(axisState())],
    ["a value without a timestamp", encodeChannelValue({ timestamp: Number.NaN, value: 1 })],
  ])("are nothing else: %s", (_, bytes) => {
    expect(() => decodeChannelMessage(bytes)).toThrow(ProtocolError);
  });

  it.each([
    ["no pickle at all", Buffer.from("hello")],
    ["nothing", Buffer.alloc(0)],
    ["a class that could do something", writePickle(pyClass("posix", "system"))],
    ["a class of the same module", writePickle(pyClass("bliss.config.channels", "Bus"))],
    ["more than the limit", encodeChannelValue({ timestamp, value: "x".repeat(2000) })],
  ])("are refused as pickles: %s", (_, bytes) => {
    expect(() => decodeChannelMessage(bytes, { maxBytes: 1000 })).toThrow(PickleError);
  });

  it("keep apart what Python does: an integral float stays a float", () => {
    const message = decodeChannelMessage(encodeChannelValue({ timestamp, value: pyFloat(2) }));
    expect(message).toEqual({ kind: "value", timestamp, value: pyFloat(2) });
  });
});

function axisState(): PickleValue {
  const vector = channelMessages().find(({ name }) => name === "axis state ready");
  const message = vector && decodeChannelMessage(vector.bytes);
  if (message?.kind !== "value") throw new Error("no vector of an axis state");
  return message.value;
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(bytes).toString("hex");
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}
