import { fileURLToPath } from "node:url";
import { checkConfig, loadConfig } from "@beamtime/config";
import { expect, it } from "vitest";
import { standardPlugins } from "./session-plugins.js";

it("the plugins of a session make all of the standard items but Lima cameras", async () => {
  const config = await loadConfig(fileURLToPath(new URL("../../config/test/fixtures/standard_items", import.meta.url)));
  const problems = [...config.problems, ...checkConfig(config, standardPlugins)];
  expect(problems.map(({ severity, file, line, message }) => `${file}:${line} ${severity}: ${message}`)).toEqual([
    "detectors/cam.yml:3 error: class Lima (bliss) is not available yet: Lima cameras need a Tango client",
  ]);
});
