import { AcquisitionObject } from "./acquisition-object.js";

/** An acquisition object that is only triggered. */
export abstract class AcquisitionSlave extends AcquisitionObject {}
