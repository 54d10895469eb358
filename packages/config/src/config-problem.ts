/** A mistake in the configuration that stops neither loading nor checking. */
export interface ConfigProblem {
  /** `error`: something was left out; `warning`: everything was taken, but perhaps not as meant. */
  readonly severity: "error" | "warning";
  /** What kind of mistake, for programs. */
  readonly kind:
    | "unreadable"
    | "yaml-syntax"
    | "empty"
    | "not-a-mapping"
    | "list-in-init"
    | "invalid-name"
    | "duplicate-name"
    | "unknown-name"
    | "unknown-key"
    | "unsupported"
    | "bad-value"
    | "circle"
    | "missing-class"
    | "unknown-class"
    | "unavailable-class";
  readonly file: string;
  /** Line in the file, from 1, where one is known. */
  readonly line?: number | undefined;
  /** What is wrong and what was expected, without the place. */
  readonly message: string;
}
