import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TcpLine } from "@beamtime/communication";
import { systemClock } from "@beamtime/concurrency";
import { loadConfig } from "@beamtime/config";
import { Axis } from "@beamtime/motion";
import { motorControllerChecks } from "@beamtime/motion/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAcmeDevice } from "../../examples/motor-controller/acme-device.js";
import { AcmeController, beamtimePlugins } from "../../examples/motor-controller/index.js";
import { root } from "./built-packages.js";

const folder = join(root, "examples/motor-controller");

describe("the controller of the page on motor controllers", () => {
  let device: Awaited<ReturnType<typeof startAcmeDevice>>;
  beforeAll(async () => {
    device = await startAcmeDevice(["1", "2"]);
  });
  afterAll(() => device[Symbol.asyncDispose]());

  const checks = motorControllerChecks({
    create: () => new AcmeController("acme", new TcpLine({ host: "127.0.0.1", port: device.port, terminator: "\r\n" })),
    addresses: ["1", "2"],
    range: [0, 400],
    velocity: 1000,
    acceleration: 20_000,
    unknownAddress: "3",
    command: "?VER",
    silence: () => device.silence(),
  });

  it.each(checks)("$name", async (check) => {
    const outcome = await check.run();
    if (outcome.status === "skipped") expect(outcome.reason).toMatch(/lacks the capability|has no|does not tell/);
  });

  it("makes axes from YAML", async () => {
    const content = `
plugin: emotion
class: Acme
package: "@acme/beamtime-motors"
tcp: {url: "127.0.0.1:${device.port}"}
axes:
- {name: tz, address: 2, steps_per_unit: 100, velocity: 20, acceleration: 400, unit: mm}
`;
    const config = await loadConfig([{ path: "acme.yml", content }]);
    const plugins = beamtimePlugins.map((plugin) => ({ ...plugin, package: "@acme/beamtime-motors" }));
    await using objects = config.objects({ plugins, clock: systemClock });
    const tz = await objects.get("tz", Axis);
    await tz.move(1.5);
    expect([tz.position, tz.controller.name, objects.problems]).toEqual([1.5, "acme", []]);
  });

  it.each(["acme-controller.ts", "acme-plugin.ts", "check.ts", "package.json", "tsconfig.json"])(
    "is on the page as it runs: %s",
    async (file) => {
      const page = await readFile(join(root, "docs/how-to/write-a-motor-controller.md"), "utf8");
      expect(page).toContain(await readFile(join(folder, file), "utf8"));
    },
  );
});
