import { Buffer } from "node:buffer";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { configPath } from "./config-path.js";

const path = (given: string | Uint8Array, root = "/cfg"): string =>
  configPath(root, typeof given === "string" ? Buffer.from(given) : given);

describe("a path that a client names", () => {
  it.each([
    ["", "/cfg"],
    ["/", "/cfg"],
    ["motors/sim.yml", "/cfg/motors/sim.yml"],
    ["///motors//sim.yml", "/cfg/motors/sim.yml"],
    ["motors/", "/cfg/motors"],
    ["motors/../sessions/./a.yml", "/cfg/sessions/a.yml"],
    ["/cfg/motors/sim.yml", "/cfg/motors/sim.yml"],
    ["/cfg", "/cfg"],
    ["/cfg/../etc/passwd", "/cfg/etc/passwd"],
    ["cfg/a.yml", "/cfg/cfg/a.yml"],
    ["config", "/cfg/config"],
    ["/cfgother/a", "/cfg/cfgother/a"],
    ["a~b", "/cfg/a~b"],
    ["é", "/cfg/é"],
  ])("%j is %s", (given, expected) => expect(path(given)).toBe(expected));

  it("may be absolute without its first slash, as BLISS asks for Python modules", () => {
    expect(path("beamline/cfg/scripts/a.py", "/beamline/cfg")).toBe("/beamline/cfg/scripts/a.py");
    expect(path("beamline/cfg2/a.py", "/beamline/cfg")).toBe("/beamline/cfg/beamline/cfg2/a.py");
  });

  it("may begin with the home directory", () => {
    expect(path("~/x.yml", homedir())).toBe(join(homedir(), "x.yml"));
  });

  it.each([
    ["leads out", "../outside"],
    ["leads out in the middle", "motors/../../etc/passwd"],
    ["leads to a neighbour of the same beginning", "../cfgother/a"],
    ["has a NUL", "a\0b"],
    ["has a long name", "x".repeat(256)],
    ["has a long name in UTF-8", "é".repeat(128)],
    ["is long", "x/".repeat(2001)],
    ["is not UTF-8", Uint8Array.of(0xff, 0x41)],
  ])("is refused when it %s", (_, given) => {
    expect(() => path(given)).toThrow(expect.objectContaining({ code: "BEACON_REQUEST" }));
  });
});
