import { ArgumentError } from "@beamtime/errors";
import { z } from "zod";

/**
 * What starts the frames of a camera: software once for all of them, or once for each; a pulse once for all, or one for each.
 */
const triggerModes = [
  "INTERNAL_TRIGGER",
  "INTERNAL_TRIGGER_MULTI",
  "EXTERNAL_TRIGGER",
  "EXTERNAL_TRIGGER_MULTI",
] as const;

const schema = z.strictObject({
  acq_nb_frames: z.int().nonnegative().default(1),
  acq_expo_time: z.number().positive().default(1),
  acq_trigger_mode: z.enum(triggerModes).default("INTERNAL_TRIGGER"),
  latency_time: z.number().nonnegative().default(0),
});

/** What a scan asks of a camera, in the words of Lima: times in s; no frames = until it is stopped. */
export type CameraParameters = Readonly<z.infer<typeof schema>>;

/** Those that are left out have the defaults of Lima: one frame of 1 s, `INTERNAL_TRIGGER`, no latency. */
export type GivenCameraParameters = Readonly<z.input<typeof schema>>;

/** @throws ArgumentError for a parameter that there is not, or of a wrong value */
export function cameraParameters(given: GivenCameraParameters): CameraParameters {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  const name = String(issue?.path[0] ?? "acq_params");
  throw new ArgumentError(name, `parameters of a camera: ${z.prettifyError(error)}`);
}
