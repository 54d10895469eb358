import type { SimulatedMotorController } from "./simulated-motor-controller.js";

/** The commands that {@link SimulatedMotorController.rawCommand} knows, with what follows them. */
export const simulatedMotorCommands = [
  "?VER",
  "?AXES",
  "?POS <address>",
  "?ENC <address>",
  "?STATE <address>",
  "?VEL <address>",
  "?ACC <address>",
  "MOVE <address> <steps>",
  "STOP <address>",
] as const;

/** Answers a command in the words of the simulated hardware; `ERROR …` when it does not know it. */
export async function answerCommand(
  controller: SimulatedMotorController,
  command: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const [word = "", address = "", ...rest] = command.trim().split(/\s+/);
  const target = Number(rest[0]);
  if (word === "?VER") return "simulated motors 1";
  if (word === "?AXES") return controller.addresses.join(" ");
  if (address === "") return refusal(command);
  switch (word) {
    case "?POS":
      return String(await controller.readPosition(address, options));
    case "?ENC":
      return String(await controller.readEncoder(address, options));
    case "?STATE":
      return (await controller.readState(address, options)).toString();
    case "?VEL":
      return String(await controller.readVelocity(address, options));
    case "?ACC":
      return String(await controller.readAcceleration(address, options));
    case "MOVE":
      if (!Number.isFinite(target)) return refusal(command);
      await controller.startMove([{ address, target }], options);
      return "OK";
    case "STOP":
      await controller.stop([address], options);
      return "OK";
    default:
      return refusal(command);
  }
}

function refusal(command: string): string {
  return `ERROR ${command}: expected one of ${simulatedMotorCommands.join(", ")}`;
}
