import { expect, it } from "vitest";
import { encodeFrame, FrameDecoder } from "./beacon-frame.js";
import { beaconMessage } from "./beacon-message.js";

it("writes type and length as little-endian integers before the payload", () => {
  expect(Buffer.from(encodeFrame(beaconMessage.redisDataQuery, "1|")).toString("hex")).toBe("2000000002000000317c");
  expect(Buffer.from(encodeFrame(beaconMessage.unknown)).toString("hex")).toBe("ffffffff00000000");
});

it("counts the length of a text in bytes", () => {
  const [frame] = new FrameDecoder().push(encodeFrame(52, "1|é€"));
  expect(frame?.payload).toHaveLength(7);
});

it("keeps half a frame until the rest comes", () => {
  const decoder = new FrameDecoder();
  const bytes = encodeFrame(31, "localhost:25001");
  expect(decoder.push(bytes.subarray(0, 5))).toEqual([]);
  expect(decoder.push(bytes.subarray(5, 12))).toEqual([]);
  const [frame] = decoder.push(bytes.subarray(12));
  expect(new TextDecoder().decode(frame?.payload)).toBe("localhost:25001");
});

it.each([
  ["too long", 1001],
  ["negative", -1],
])("refuses a frame whose announced length is %s, before it comes", (_, length) => {
  const header = encodeFrame(50, "");
  new DataView(header.buffer).setInt32(4, length, true);
  expect(() => new FrameDecoder({ maxPayload: 1000 }).push(header)).toThrow(
    expect.objectContaining({ code: "PROTOCOL", message: expect.stringContaining(String(length)) }),
  );
});

it("gives copies: the memory of a chunk may be used again", () => {
  const decoder = new FrameDecoder();
  const chunk = Buffer.concat([encodeFrame(52, "1|first"), encodeFrame(52, "2|second").subarray(0, 12)]);
  const [frame] = decoder.push(chunk);
  chunk.fill(0);
  const [rest] = decoder.push(encodeFrame(52, "2|second").subarray(12));
  expect([frame, rest].map((read) => new TextDecoder().decode(read?.payload))).toEqual(["1|first", "2|second"]);
});
