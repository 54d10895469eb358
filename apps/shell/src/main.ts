import { ScanAbort } from "@beamtime/core";
import { listSessions, openSession, type Session } from "@beamtime/session";
import { checkConfiguration } from "./check-configuration.js";
import { describeCommands } from "./command-help.js";
import { type CommandLine, parseCommandLine, type SessionLine } from "./command-line.js";
import { errorSentence, errorTrace } from "./error-report.js";
import { Evaluator } from "./evaluator.js";
import { HistoryFile } from "./history-file.js";
import { Interruptible } from "./interruptible.js";
import { Prompt } from "./prompt.js";
import { type OutcomeReport, reportOutcome } from "./report-outcome.js";
import { runScript } from "./run-script.js";
import { screenOf } from "./screen.js";
import { serveBeacon } from "./serve-beacon.js";
import { shellScope } from "./shell-scope.js";
import { terminalDisplay } from "./terminal-display.js";

const out = (text: string): void => void process.stdout.write(text);
const err = (text: string): void => void process.stderr.write(text);

/** Who deals with what comes from outside while the program runs; changes as it goes on. */
interface Duty {
  /** Ctrl-C. */
  interrupt: () => void;
  /** An error that nobody awaits. */
  report: (error: unknown) => void;
}

/**
 * The program `beamtime`: opens the session that the arguments name, and closes it whatever happens.
 *
 * @returns the exit code: 0, 1 after an error, 128 + the number of the signal that ended it
 */
export async function main(argv: readonly string[]): Promise<number> {
  const line = parseCommandLine(argv, process.env);
  const report = (error: unknown): void => err(`${line.trace ? errorTrace(error) : errorSentence(error)}\n`);
  const stop = new AbortController();
  let exitCode: number | undefined;
  const end = (code: number): void => {
    exitCode ??= code;
    stop.abort(new ScanAbort("the program was asked to end"));
  };
  const duty: Duty = { interrupt: () => end(130), report };

  process.on("SIGINT", () => duty.interrupt());
  for (const [signal, code] of [["SIGTERM", 143] as const, ["SIGHUP", 129] as const]) {
    process.on(signal, () => {
      // `nohup` has asked for it; Node forgets that the signal was ignored
      if (signal === "SIGHUP" && line.kind === "beacon" && !hasTerminal()) return;
      end(code);
      duty.interrupt();
    });
  }
  // scans started with `void`, timers of the user: they end neither the session nor the program
  for (const event of ["unhandledRejection", "uncaughtException"] as const) {
    process.on(event, (error) => {
      if (!(error instanceof ScanAbort)) duty.report(error);
    });
  }
  // a closed pipe (`| head`) or terminal ends no scan
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

  try {
    const code = await run(line, duty, stop.signal);
    return line.kind === "beacon" ? code : (exitCode ?? code); // a service that is told to end has done its work
  } catch (error) {
    if (!stop.signal.aborted) report(error);
    return exitCode ?? 1;
  }
}

function hasTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}

async function run(line: CommandLine, duty: Duty, signal: AbortSignal): Promise<number> {
  switch (line.kind) {
    case "beacon":
      return await serveBeacon(line, { out, err, signal });
    case "check":
      return await checkConfiguration(line, out);
    case "session":
      return await runSession(line, duty, signal);
  }
}

async function runSession(line: SessionLine, duty: Duty, signal: AbortSignal): Promise<number> {
  const onWarning = (source: string, message: string): void => err(`${source}: ${message}\n`);
  const where = line.beacon === undefined ? { config: line.config, redis: line.redis } : { beacon: line.beacon };
  if (line.session === undefined) {
    const names = await listSessions({ ...where, signal, onWarning });
    out(`Sessions of ${line.beacon ?? line.config}:\n${names.map((name) => `  ${name}\n`).join("")}`);
    return 0;
  }
  await using session = await openSession({
    name: line.session,
    ...where,
    sinks: [terminalDisplay(process.stdout)],
    onWarning,
    onMessage: (text) => out(`${text}\n`),
    signal,
  });

  // programs started from here, and packages that scripts import, find the same beamline
  process.env["BEACON_HOST"] = session.beaconAddress;

  let prompt: Prompt | undefined;
  const scope = shellScope(session, screenOf(process.stdout), () => prompt?.keys);
  const { script, code, trace } = line;
  const isPrompt = !script && code === undefined;
  const commands = new Interruptible(
    session,
    isPrompt ? "Ctrl-D ends the session" : "Ctrl-C again ends the program now",
  );
  if (isPrompt) {
    const onMade = (made: Prompt): void => {
      prompt = made;
    };
    return await runPrompt(session, { scope, commands, trace, duty, signal, onMade });
  }

  // the second time while the session is being closed, nothing is left to wait for
  duty.interrupt = () => void (commands.interrupt() || process.exit(130));
  const reporting: OutcomeReport = { out, err, trace };
  if (script) {
    const outcome = await commands.run(async () => void (await runScript(script.path, script.args, scope)));
    return reportOutcome(outcome, reporting);
  }
  const evaluator = new Evaluator(scope);
  return reportOutcome(await commands.run((given) => evaluator.evaluate(code ?? "", { signal: given })), reporting);
}

interface PromptParts {
  readonly scope: Readonly<Record<string, unknown>>;
  readonly commands: Interruptible;
  readonly trace: boolean;
  readonly duty: Duty;
  readonly signal: AbortSignal;
  /** Commands may read its keys. */
  readonly onMade: (prompt: Prompt) => void;
}

async function runPrompt(session: Session, parts: PromptParts): Promise<number> {
  const { scope, commands, trace, duty, signal, onMade } = parts;
  out(`\nSession ${session.name}; .help tells what can be typed.\n`);
  out(`Data: ${session.scanSaving.get().rootPath}   BLISS clients: BEACON_HOST=${session.beaconAddress}\n\n`);
  const history = HistoryFile.forSession(session.name, process.env);
  const prompt: Prompt = new Prompt({
    name: session.name,
    input: process.stdin,
    output: process.stdout,
    evaluator: new Evaluator({ ...scope, ...describeCommands({ lastError: () => prompt.lastError }) }),
    commands,
    history,
    lines: await history.load(),
    trace,
    signal,
  });
  onMade(prompt);
  duty.interrupt = () => prompt.interrupt();
  duty.report = (error) => prompt.report(error);
  await prompt.run();
  return 0;
}
