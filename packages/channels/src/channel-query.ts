import type { ChannelValue } from "@beamtime/protocol";

/** One question who has a value, until all of the subscribers have answered it. */
export class ChannelQuery {
  readonly name: string;
  readonly id = crypto.randomUUID().replaceAll("-", "");
  readonly #onValue: (value: ChannelValue | null) => void;
  #expected: number | undefined;
  #received = 0;
  #isValueKnown = false;

  /** @param onValue called with each value that somebody has, or once with null when nobody has one */
  constructor(name: string, onValue: (value: ChannelValue | null) => void) {
    this.name = name;
    this.#onValue = onValue;
  }

  get isAnswered(): boolean {
    // reached by nobody, not even by this process: the subscription is lost, and all is asked anew with the next one
    return this.#expected !== undefined && this.#expected > 0 && this.#received >= this.#expected;
  }

  /** Who has not answered, for messages. */
  get missing(): string {
    if (this.#expected === undefined) return "the question could not be published yet";
    return `${this.#expected - this.#received} of ${this.#expected} subscribers did not answer`;
  }

  /** Takes how many were asked: as many as `PUBLISH` reached, this process included. */
  expect(subscribers: number): void {
    this.#expected = subscribers;
    this.#conclude();
  }

  receive(value: ChannelValue | null): void {
    this.#received += 1;
    if (value) {
      this.#isValueKnown = true;
      this.#onValue(value);
    }
    this.#conclude();
  }

  #conclude(): void {
    if (this.isAnswered && !this.#isValueKnown) {
      this.#isValueKnown = true;
      this.#onValue(null);
    }
  }
}
