import { createLine } from "@beamtime/communication";
import { axesSchema, axisConfigSchema, type ConfigPlugin } from "@beamtime/config";
import { makeMotors } from "@beamtime/motion";
import { z } from "zod";
import { AcmeController } from "./acme-controller.js";

const schema = z.strictObject({
  name: z.string().default("acme"),
  tcp: z.unknown(),
  axes: axesSchema(axisConfigSchema),
});

const acmePlugin: ConfigPlugin<z.infer<typeof schema>> = {
  plugin: "emotion",
  class: "Acme",
  schema,
  create(item, tools) {
    const controller = new AcmeController(item.config.name, createLine(item.config, { terminator: "\r\n" }));
    tools.onDispose(() => controller[Symbol.asyncDispose]());
    return makeMotors(controller, item, tools);
  },
};

export const beamtimePlugins = [acmePlugin];
