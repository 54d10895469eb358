import { VirtualClock } from "@beamtime/concurrency";
import { expect, it } from "vitest";
import { formatTraceEntry, LineTrace } from "./line-trace.js";
import { readableBytes } from "./readable-bytes.js";

it("an entry is one line with the local time, whatever its bytes", () => {
  const time = new Date(2026, 10, 21, 9, 5, 7, 42).getTime() / 1000;
  const entry = { time, line: "tcp://icepap1:5000", kind: "sent", text: "?POS 1\\r" } as const;
  expect(formatTraceEntry(entry)).toBe("09:05:07.042 tcp://icepap1:5000 → ?POS 1\\r");
  expect(formatTraceEntry({ ...entry, kind: "received" })).toContain(" ← ");
  expect(formatTraceEntry({ ...entry, kind: "note" })).toContain(" · ");
  expect(readableBytes(Buffer.from("a\tb\\\r\n\x02\xff", "latin1"))).toBe("a\\tb\\\\\\r\\n\\x02\\xff");
  expect(readableBytes(Buffer.from("abcdef"), 3)).toBe("abc… (6 bytes)");
});

it("long entries are kept in part, and those that are sent later do not change them", () => {
  const trace = new LineTrace({ line: "dev", length: 2, clock: new VirtualClock() });
  const bytes = new Uint8Array(5000).fill(65);
  trace.add("received", bytes);
  bytes.fill(66);
  expect(trace.entries).toEqual([
    { time: 1_700_000_000, line: "dev", kind: "received", text: `${"A".repeat(1024)}… (5000 bytes)` },
  ]);
});
