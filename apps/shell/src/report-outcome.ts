import { errorSentence, errorTrace } from "./error-report.js";
import type { Outcome } from "./interruptible.js";
import { valueText } from "./value-text.js";

/** Where to tell, and how much. */
export interface OutcomeReport {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Errors with their stacks. */
  readonly trace: boolean;
}

/** Tells how `-e` or `run` ended. Returns the exit code: 0, 1 after an error, 130 after an interruption. */
export function reportOutcome(outcome: Outcome, { out, err, trace }: OutcomeReport): number {
  switch (outcome.kind) {
    case "value":
      if (typeof outcome.value === "string") out(`${outcome.value}\n`);
      else if (outcome.value !== undefined) out(`${valueText(outcome.value)}\n`);
      return 0;
    case "interrupted":
      err(`${outcome.message}\n`);
      return 130;
    case "error":
      err(`${trace ? errorTrace(outcome.error) : errorSentence(outcome.error)}\n`);
      return 1;
  }
}
