import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { addressText, beaconAddress } from "./beacon-address.js";

beforeEach(() => {
  vi.stubEnv("BEACON_HOST", "");
  vi.stubEnv("BEACON_PORT", "");
});
afterEach(() => vi.unstubAllEnvs());

it.each([
  ["beacon.lab:25001", { host: "beacon.lab", port: 25001 }],
  ["beacon.lab", { host: "beacon.lab", port: 25000 }],
  [":25001", { host: "localhost", port: 25001 }],
  ["localhost:/run/beacon.sock", { path: "/run/beacon.sock" }],
  ["/run/beacon.sock", { path: "/run/beacon.sock" }],
  ["[::1]:25001", { host: "::1", port: 25001 }],
  ["[::1]", { host: "::1", port: 25000 }],
  [undefined, { host: "localhost", port: 25000 }],
])("understands %s", (text, expected) => {
  expect(beaconAddress(text)).toEqual(expected);
});

it("takes from the environment what it is not given", () => {
  vi.stubEnv("BEACON_PORT", "25009");
  expect(beaconAddress()).toEqual({ host: "localhost", port: 25009 });
  vi.stubEnv("BEACON_HOST", "beacon.lab");
  expect(beaconAddress()).toEqual({ host: "beacon.lab", port: 25009 });
  vi.stubEnv("BEACON_PORT", "/run/beacon.sock");
  expect(beaconAddress()).toEqual({ path: "/run/beacon.sock" });
  expect(beaconAddress("other:1")).toEqual({ host: "other", port: 1 });
});

it.each(["beacon.lab:99999", "beacon lab:25000"])("refuses '%s'", (text) => {
  expect(() => beaconAddress(text)).toThrow("expected host:port");
});

it.each(["beacon.lab:25001", "[::1]:25001", "/run/beacon.sock"])("writes %s as it was read", (text) => {
  expect(addressText(beaconAddress(text))).toBe(text);
});
