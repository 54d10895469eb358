import { expect, it } from "vitest";
import { resolveTarget } from "./redis-target.js";

it.each([
  [
    { host: "redis.lab", port: 6380 },
    { address: "redis.lab:6380", options: { host: "redis.lab", port: 6380 } },
  ],
  [{ path: "/tmp/r.sock" }, { address: "/tmp/r.sock", options: { path: "/tmp/r.sock" } }],
  ["redis.lab:6380", { address: "redis.lab:6380", options: { host: "redis.lab", port: 6380 } }],
  ["[::1]:6380", { address: "[::1]:6380", options: { host: "::1", port: 6380 } }],
  ["/tmp/r.sock", { address: "/tmp/r.sock", options: { path: "/tmp/r.sock" } }],
  ["unix:/tmp/r.sock", { address: "/tmp/r.sock", options: { path: "/tmp/r.sock" } }],
  ["unix:///tmp/r.sock", { address: "/tmp/r.sock", options: { path: "/tmp/r.sock" } }],
  ["redis://redis.lab", { address: "redis.lab:6379", options: { host: "redis.lab", port: 6379 } }],
  ["redis://redis.lab:6380/3", { address: "redis.lab:6380", options: { host: "redis.lab", port: 6380, db: 3 } }],
  [
    "rediss://user:p%40ss@redis.lab:6380",
    {
      address: "redis.lab:6380",
      options: { host: "redis.lab", port: 6380, username: "user", password: "p@ss", tls: {} },
    },
  ],
])("understands %j", (target, expected) => {
  expect(resolveTarget(target)).toEqual(expected);
});

it.each(["", "redis.lab", "redis.lab:port", "redis://:port", "redis://redis.lab/data"])("refuses '%s'", (target) => {
  expect(() => resolveTarget(target)).toThrow(/expected/);
});

it("does not repeat a URL that may hold a password", () => {
  expect(() => resolveTarget("redis://user:secret@ho st")).toThrow(expect.not.objectContaining({ message: /secret/ }));
});
