import { inspect } from "node:util";
import { type CommandText, commandTexts } from "./command-text.js";

/** Of the examples, so that most lines fit into 80 characters. */
const width = 34;

/** Lets commands tell how they are typed when only their name is. Returns `names`. */
export function describeCommands<T extends object>(names: T): T {
  for (const [name, command] of Object.entries(names)) {
    const own = Object.hasOwn(commandTexts, name) ? commandTexts[name] : undefined;
    if (!own || typeof command !== "function" || Object.hasOwn(command, inspect.custom)) continue;
    Object.defineProperty(command, inspect.custom, { value: () => commandText(own) });
  }
  return names;
}

/** What `help` answers: all commands, or each topic. */
export function commandHelp(topics: readonly unknown[]): string {
  if (topics.length === 0) {
    const lines = Object.values(commandTexts).map(({ example, does }) => {
      const start = example.length > width ? `${example}\n${" ".repeat(width + 2)}` : example.padEnd(width);
      return `  ${start}  ${does}\n`;
    });
    return `\n${lines.join("")}\n  mv? tells more of a command, roby? all that is known of a device, .help of the prompt\n\n`;
  }
  return topics.map((topic) => `${topicHelp(topic)}\n`).join("");
}

function commandText({ usage, does, more, example }: CommandText): string {
  const sentence = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`;
  return [usage, sentence, ...more, `Example: ${example}`].join("\n  ");
}

function topicHelp(topic: unknown): string {
  if (typeof topic !== "function" || inspect.custom in topic) return inspect(topic);
  return `there is no help for ${topic.name || "this function"}; help() lists the commands`;
}
