export { IcepapController, type IcepapOptions } from "./icepap-controller.js";
export { IcepapError } from "./icepap-error.js";
export { icepapPlugin } from "./icepap-plugin.js";
