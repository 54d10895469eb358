import { ArgumentError } from "@beamtime/errors";
import { Command, InvalidArgumentError, Option } from "commander";

/** What opens a session, whatever is done in it. */
export interface SessionLine {
  readonly kind: "session";
  readonly session: string | undefined;
  /** `host:port` of the Beacon server to join. */
  readonly beacon: string | undefined;
  /** Directory of the configuration of a session that has a Beacon server of its own. */
  readonly config: string;
  readonly redis: string | undefined;
  readonly code: string | undefined;
  readonly script: { readonly path: string; readonly args: readonly string[] } | undefined;
  readonly trace: boolean;
}

/** `beamtime beacon` */
export interface BeaconLine {
  readonly kind: "beacon";
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string | undefined;
  readonly redisPort: number;
  readonly redisDataPort: number;
  readonly redisUrl: string | undefined;
  readonly redisDataUrl: string | undefined;
  readonly trace: boolean;
}

/** `beamtime check` */
export interface CheckLine {
  readonly kind: "check";
  readonly directory: string;
  /** Warnings count as errors. */
  readonly strict: boolean;
  readonly trace: boolean;
}

/** What the user asks of `beamtime`. */
export type CommandLine = SessionLine | BeaconLine | CheckLine;

/**
 * Reads the arguments of `beamtime`. Help and mistakes are commander's: it prints and exits.
 *
 * @param argv as `process.argv`
 */
export function parseCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  let line: CommandLine | undefined;
  const program = new Command("beamtime")
    .description(
      "Experiment control at the prompt, on the Beacon server that BEACON_HOST names, else on one of its own. Without a session: lists those of the configuration.",
    )
    .option("-s, --session <name>", "session to open")
    .option("--config <dir>", "run a Beacon server of its own on this configuration (or BEAMTIME_CONFIG, or ./demo)")
    .option("--beacon <address>", "join the Beacon server at host:port (or BEACON_HOST)")
    .option("--redis <address>", "Redis for a Beacon server of its own (or BEAMTIME_REDIS); default: private ones")
    .option("-e, --eval <code>", "evaluate as at the prompt, print the value, exit")
    .option("--trace", "show errors with their stacks", false)
    .enablePositionalOptions();
  const sessionLine = (script?: SessionLine["script"]): SessionLine => {
    const options = program.opts<SessionOptions>();
    if (options.beacon && options.config) program.error("give either --beacon or --config, not both");
    if (script && options.eval !== undefined) program.error("give either -e or run, not both");
    if ((script || options.eval !== undefined) && !options.session) program.error("which session? add -s NAME");
    return {
      kind: "session",
      session: options.session,
      beacon: options.beacon ?? (options.config === undefined ? env["BEACON_HOST"] || undefined : undefined),
      config: options.config ?? env["BEAMTIME_CONFIG"] ?? "demo",
      redis: options.redis ?? env["BEAMTIME_REDIS"],
      code: options.eval,
      script,
      trace: options.trace,
    };
  };
  program.action(() => {
    line = sessionLine();
  });
  program
    .command("run <script> [args...]")
    .description("run a TypeScript or JavaScript file with the names of the session")
    .passThroughOptions()
    .action((path: string, args: string[]) => {
      line = sessionLine({ path, args });
    });
  program
    .command("beacon")
    .description("serve a configuration, settings and data: a Beacon server with its two Redis servers")
    .requiredOption("--db-path <dir>", "directory of the configuration; settings are kept there in beacon.rdb")
    .addOption(new Option("--port <number>", "TCP port").default(25000).argParser(portNumber))
    .option("--host <address>", "interface to listen on; whoever reaches it controls the beamline", "127.0.0.1")
    .option("--socket <path>", "Unix socket to listen on as well")
    .addOption(new Option("--redis-port <number>", "port of the settings Redis").default(6379).argParser(portNumber))
    .addOption(new Option("--redis-data-port <number>", "port of the data Redis").default(6380).argParser(portNumber))
    .option("--redis-url <address>", "a settings Redis that runs already")
    .option("--redis-data-url <address>", "a data Redis that runs already")
    .action((options: BeaconOptions) => {
      const { dbPath: directory, socket, redisUrl, redisDataUrl, host, port, redisPort, redisDataPort } = options;
      const { trace } = program.opts<SessionOptions>();
      const servers = { redisPort, redisDataPort, redisUrl, redisDataUrl };
      line = { kind: "beacon", directory, host, port, socket, ...servers, trace };
    });
  program
    .command("check")
    .description("validate a configuration, without any hardware")
    .requiredOption("--config <dir>", "directory of the configuration")
    .option("--strict", "fail on warnings as well", false)
    .action(({ config, strict }: { config: string; strict: boolean }) => {
      line = { kind: "check", directory: config, strict, trace: program.opts<SessionOptions>().trace };
    });
  program.parse([...argv]);
  if (!line) throw new ArgumentError("argv", "no command was given"); // commander has exited in every other case
  return line;
}

interface SessionOptions {
  session?: string;
  config?: string;
  beacon?: string;
  redis?: string;
  eval?: string;
  trace: boolean;
}

interface BeaconOptions {
  dbPath: string;
  port: number;
  host: string;
  socket?: string;
  redisPort: number;
  redisDataPort: number;
  redisUrl?: string;
  redisDataUrl?: string;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InvalidArgumentError("expected a port: 0 (a free one) to 65535");
  }
  return port;
}
