import type { Line, LineReader, RequestOptions } from "@beamtime/communication";
import { ArgumentError } from "@beamtime/errors";
import { IcepapError } from "./icepap-error.js";

/** Most lines of an answer. */
const maxLines = 10_000;

/** `#`, address, `?`, and the word of a request. */
const form = /^(#?)\s*(?:(\w*):)?\s*(\?)?\s*(\w+)/;

/**
 * Speaks the words of an IcePAP: a question `?NAME …` is answered by `?NAME …`, a command with `#` before it by `NAME OK`. Where
 * something is wrong, both by `NAME ERROR …`. An answer of several lines stands between lines of `$`.
 */
export class IcepapConnection {
  readonly #name: string;
  readonly #line: Line;

  constructor(name: string, line: Line) {
    this.#name = name;
    this.#line = line;
  }

  /** Asks `?POS 1` or `1:?ALARM`; what follows the word in the answer comes back. @throws IcepapError, LineError */
  ask(question: string, options: RequestOptions = {}): Promise<string> {
    return this.#request(question, { ...options, repeatable: true });
  }

  /** Sends `MOVE 1 100` or `1:HOME +1`, and waits until it is accepted. @throws IcepapError, LineError */
  async command(command: string, options: RequestOptions = {}): Promise<void> {
    const answer = await this.#request(`#${command}`, options);
    if (answer.toUpperCase() !== "OK") throw new IcepapError(this.#name, command, `it answered ${answer}`);
  }

  /**
   * Sends what a user has typed: several requests are separated by `;`.
   *
   * @returns the answers, a line each; empty for commands without `#`
   * @throws IcepapError, LineError; ArgumentError for what cannot be sent as text
   */
  async raw(text: string, options: RequestOptions = {}): Promise<string> {
    const requests = text
      .split(";")
      .map((request) => request.trim())
      .filter((request) => request !== "");
    const isText = /^[\x20-\x7e]*$/.test(text);
    if (!isText || requests.length === 0 || requests.some((request) => request.includes("*"))) {
      throw new ArgumentError(
        "command",
        `${JSON.stringify(text)} is no command of an IcePAP; expected one such as "?VER INFO"`,
      );
    }
    const answered = requests.filter((request) => isAnswered(request));
    const answers = await this.#line.exchange(
      `${requests.join(";")}\r`,
      async (reader) => {
        const read: string[] = [];
        for (const request of answered) read.push(await this.#answer(reader, request));
        return read;
      },
      options,
    );
    return answers.map((answer, index) => this.#judge(answered[index] ?? text, answer)).join("\n");
  }

  async #request(request: string, options: RequestOptions): Promise<string> {
    const answer = await this.#line.exchange(`${request}\r`, (reader) => this.#answer(reader, request), options);
    return this.#judge(request, answer);
  }

  /** What follows the word of the request. @throws when the line answers something else: it must then be dropped */
  async #answer(reader: LineReader, request: string): Promise<string> {
    const word = wordOf(request);
    const first = withoutReturn(await reader.readUntil());
    const head = first.slice(0, word.length);
    const rest = first.slice(word.length);
    if (head.toUpperCase() !== word || (rest !== "" && !/^\s/.test(rest))) {
      throw new IcepapError(
        this.#name,
        request,
        `it answered "${first.slice(0, 80)}"; expected ${word} and its answer`,
      );
    }
    if (rest.trim() !== "$") return rest.trim();
    const lines: string[] = [];
    while (lines.length < maxLines) {
      const line = withoutReturn(await reader.readUntil());
      if (line.trim() === "$") return lines.join("\n");
      lines.push(line);
    }
    throw new IcepapError(this.#name, request, `its answer has more than ${maxLines} lines`);
  }

  #judge(request: string, answer: string): string {
    const error = /^ERROR\b\s*:?\s*/i.exec(answer);
    if (!error) return answer;
    throw new IcepapError(this.#name, request.replace("#", ""), answer.slice(error[0].length) || "it does not say why");
  }
}

function isAnswered(request: string): boolean {
  const [, acknowledged, , question] = form.exec(request) ?? [];
  return Boolean(acknowledged) || question !== undefined;
}

/** How the answer to a request begins. */
function wordOf(request: string): string {
  const [, , address, question = "", word = ""] = form.exec(request) ?? [];
  return `${address === undefined ? "" : `${address}:`}${question}${word}`.toUpperCase();
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
