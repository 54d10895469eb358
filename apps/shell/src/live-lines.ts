import type { Screen } from "./screen.js";

/** Lines of a terminal that are written anew, in place. Without a terminal each text stands below the one before. */
export class LiveLines {
  readonly #screen: Screen;
  #height = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** @param text lines ended, none longer than the screen is wide */
  show(text: string): void {
    const back = this.#height > 0 && this.#screen.isTerminal ? `\x1b[${this.#height}A\x1b[J` : "";
    this.#height = text.split("\n").length - 1;
    this.#screen.print(`${back}${text}`);
  }
}
