import type { Motion } from "@beamtime/motion";
import type { SimulatedMotorController } from "./simulated-motor-controller.js";

/** The commands that {@link SimulatedMotorController.rawCommand} knows, with what follows them. */
const commands = [
  "?VER",
  "?AXES",
  "?POS <address>",
  "?ENC <address>",
  "?STATE <address>",
  "?VEL <address>",
  "?ACC <address>",
  "VEL <address> <steps/s>",
  "ACC <address> <steps/s²>",
  "MOVE <address> <steps> [<address> <steps> …]",
  "STOP <address> [<address> …]",
] as const;

/**
 * Answers a command in the words of the simulated hardware: `OK`, the value asked for, or `ERROR …` when it does not know the
 * command. What it cannot do is thrown.
 */
export async function answerCommand(
  motors: SimulatedMotorController,
  command: string,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<string> {
  const [word = "", ...rest] = command.trim().split(/\s+/);
  const [address, text] = rest;
  if (word === "?VER") return "simulated motors 1";
  if (word === "?AXES") return motors.addresses.join(" ");
  if (address === undefined) return refusal(command);
  const number = Number(text);
  switch (word) {
    case "?POS":
      return String(await motors.readPosition(address, options));
    case "?ENC":
      return String(await motors.readEncoder(address, options));
    case "?STATE":
      return (await motors.readState(address, options)).toString();
    case "?VEL":
      return String(await motors.readVelocity(address, options));
    case "?ACC":
      return String(await motors.readAcceleration(address, options));
    case "VEL":
      await motors.setVelocity(address, number, options);
      return "OK";
    case "ACC":
      await motors.setAcceleration(address, number, options);
      return "OK";
    case "MOVE": {
      const motions = pairs(rest);
      if (!motions) return refusal(command);
      await motors.startMove(motions, options);
      return "OK";
    }
    case "STOP":
      await motors.stop(rest, options);
      return "OK";
    default:
      return refusal(command);
  }
}

function pairs(texts: readonly string[]): readonly Motion[] | undefined {
  const motions: Motion[] = [];
  for (let index = 0; index < texts.length; index += 2) {
    const [address, target = ""] = texts.slice(index, index + 2);
    if (address === undefined || !/^[-+\d.e]+$/i.test(target)) return undefined;
    motions.push({ address, target: Number(target) });
  }
  return motions;
}

function refusal(command: string): string {
  return `ERROR ${command}: expected one of ${commands.join(", ")}`;
}
