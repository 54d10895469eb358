import { Command } from "commander";

/** What the user asks of `beamtime`. */
export interface CommandLine {
  readonly session: string | undefined;
  readonly config: string;
  readonly redis: string | undefined;
  readonly code: string | undefined;
  readonly script: { readonly path: string; readonly args: readonly string[] } | undefined;
  readonly trace: boolean;
}

/**
 * Reads the arguments of `beamtime`. Help and mistakes are commander's: it prints and exits.
 *
 * @param argv as `process.argv`
 */
export function parseCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const program = new Command("beamtime")
    .description("Experiment control at the prompt. Without a session: lists those of the configuration.")
    .option("-s, --session <name>", "session to open")
    .option("--config <dir>", "directory of the configuration (or BEAMTIME_CONFIG)", env["BEAMTIME_CONFIG"] ?? "demo")
    .option(
      "--redis <address>",
      "Redis of the data, e.g. redis://host:6379 (or BEAMTIME_REDIS); default: a private one",
      env["BEAMTIME_REDIS"],
    )
    .option("-e, --eval <code>", "evaluate as at the prompt, print the value, exit")
    .option("--trace", "show errors with their stacks", false)
    .enablePositionalOptions();
  let script: CommandLine["script"];
  program
    .command("run <script> [args...]")
    .description("run a TypeScript or JavaScript file with the names of the session")
    .passThroughOptions()
    .action((path: string, args: string[]) => {
      script = { path, args };
    });
  program.action(() => {});
  program.parse([...argv]);
  const options = program.opts<{ session?: string; config: string; redis?: string; eval?: string; trace: boolean }>();
  if (script && options.eval !== undefined) program.error("give either -e or run, not both");
  if ((script || options.eval !== undefined) && !options.session) program.error("which session? add -s NAME");
  return {
    session: options.session,
    config: options.config,
    redis: options.redis,
    code: options.eval,
    script,
    trace: options.trace,
  };
}
