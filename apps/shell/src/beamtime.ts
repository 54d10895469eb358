#!/usr/bin/env node
import { main } from "./main.js";

const exitCode = await main(process.argv);
if (exitCode === 129) {
  // the terminal is gone, and Node crashes when it wants to give it back its settings at exit: end by the signal itself
  process.removeAllListeners("SIGHUP");
  process.kill(process.pid, "SIGHUP");
}
// what a user's code left behind (a timer, a command that was given up) must not keep the program
process.exit(exitCode);
