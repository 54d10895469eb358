import { expect, it } from "vitest";
import { redisAddress } from "./redis-location.js";

const local = { isLocal: true, reachedAddress: "127.0.0.1" };
const remote = { isLocal: false, reachedAddress: "::ffff:10.0.0.7" };
const remote6 = { isLocal: false, reachedAddress: "fe80::1" };

it.each([
  ["a local client the socket", { host: "ctrl1", port: 1, path: "/r.sock" }, local, ["localhost", "/r.sock"]],
  ["a local client the port where there is no socket", { host: "ctrl1", port: 1 }, local, ["ctrl1", "1"]],
  ["a local client loopback for all interfaces", { host: "0.0.0.0", port: 1 }, local, ["localhost", "1"]],
  ["a remote client host and port", { host: "ctrl1", port: 1, path: "/r.sock" }, remote, ["ctrl1", "1"]],
  ["a remote client the address it reached, for loopback", { host: "127.0.0.1", port: 1 }, remote, ["10.0.0.7", "1"]],
  ["a remote client the address it reached, for all interfaces", { host: "::", port: 1 }, remote, ["10.0.0.7", "1"]],
  ["a remote client of IPv6 our name", { host: "localhost", port: 1 }, remote6, ["here", "1"]],
  ["anybody the socket where there is nothing else", { path: "/r.sock" }, remote, ["localhost", "/r.sock"]],
])("tells %s", (_, location, viewer, expected) => {
  expect(redisAddress(location, viewer, "here")).toEqual(expected);
});
