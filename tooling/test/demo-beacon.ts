import { type DemoFolder, makeDemoFolder } from "./demo-folder.js";
import { type RunningProgram, startProgram } from "./running-program.js";

/** The program `beamtime` as users have it. */
export const beamtime = "apps/shell/dist/beamtime.js";

/** `beamtime beacon` on a copy of the demo, with Redis servers and a data folder of its own. */
export interface DemoBeacon extends AsyncDisposable {
  /** `host:port`, for BEACON_HOST. */
  readonly address: string;
  /** Of the configuration and of the data (`data/`); removed in the end. */
  readonly folder: string;
  readonly program: RunningProgram;
  /** Starts it again on the same ports, after it has ended. */
  restart(): Promise<void>;
}

export async function startDemoBeacon(): Promise<DemoBeacon> {
  const folder = await makeDemoFolder();
  let program = serve(folder, "0");
  const [, address = ""] = await program.printed(/BEACON_HOST=(\S+)/).catch(async (error: unknown) => {
    await folder[Symbol.asyncDispose]();
    throw error;
  });
  const restart = async (): Promise<void> => {
    await program.ended;
    program = serve(folder, address.slice(address.lastIndexOf(":") + 1));
    await program.printed(/BEACON_HOST=/);
  };
  return {
    address,
    folder: folder.path,
    get program() {
      return program;
    },
    restart,
    async [Symbol.asyncDispose]() {
      // Redis servers outlive a server that was killed: the next one takes them over, and ends them
      if (program.isOver) await restart();
      await ended(program);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function serve({ config }: DemoFolder, port: string): RunningProgram {
  const redis = ["--redis-port", "0", "--redis-data-port", "0"];
  return startProgram([beamtime, "beacon", "--db-path", config, "--port", port, ...redis]);
}

/** In order, so that its Redis servers end too. */
async function ended(program: RunningProgram): Promise<void> {
  program.kill("SIGTERM");
  const late = setTimeout(() => program.kill("SIGKILL"), 10_000);
  await program.ended;
  clearTimeout(late);
}
