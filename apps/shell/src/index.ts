export { Evaluator } from "./evaluator.js";
export { terminalDisplay } from "./terminal-display.js";
