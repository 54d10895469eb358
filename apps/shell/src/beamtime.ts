#!/usr/bin/env node
import { main } from "./main.js";

// what a user's code left behind (a timer, a command that was given up) must not keep the program
process.exit(await main(process.argv));
