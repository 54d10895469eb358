import { encodeFrame, FrameDecoder } from "@beamtime/protocol";
import { describe, expect, it } from "vitest";
import { Random } from "./random.js";
import { wireTranscripts } from "./vectors.js";

const frames = wireTranscripts().flatMap((transcript) => transcript.frames);
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

describe("the frames between BLISS's Beacon server and its clients", () => {
  it("decode, one by one, and are written again byte for byte", () => {
    expect(frames.length).toBeGreaterThan(50);
    for (const { type, hex } of frames) {
      const [frame, ...more] = new FrameDecoder().push(bytesOf(hex));
      expect(more).toEqual([]);
      expect(frame?.type).toBe(type);
      expect(Buffer.from(encodeFrame(type, frame?.payload)).toString("hex")).toBe(hex);
    }
  });

  it("decode the same however the stream is cut", () => {
    const random = new Random(20);
    const stream = bytesOf(frames.map(({ hex }) => hex).join(""));
    for (let round = 0; round < 50; round++) {
      const decoder = new FrameDecoder();
      const decoded: string[] = [];
      for (let at = 0; at < stream.length; ) {
        const length = 1 + random.below(random.pick([2, 10, 500]));
        // As a socket may do, the same memory is used for each piece.
        const piece = stream.slice(at, at + length);
        for (const { type, payload } of decoder.push(piece)) {
          decoded.push(Buffer.from(encodeFrame(type, payload)).toString("hex"));
        }
        piece.fill(0);
        at += length;
      }
      expect(decoded).toEqual(frames.map(({ hex }) => hex));
    }
  });
});
