/**
 * How the samples of one count time become one point: their mean (`MEAN`), with statistics beside it (`STATS`) or with
 * the samples themselves (`SAMPLES`); only the first (`SINGLE`) or the last (`LAST`); the mean times the count time
 * (`INTEGRATE`), with statistics (`INTEGRATE_STATS`).
 */
export const samplingModes = ["MEAN", "STATS", "SAMPLES", "SINGLE", "LAST", "INTEGRATE", "INTEGRATE_STATS"] as const;

/** One of {@link samplingModes}. */
export type SamplingMode = (typeof samplingModes)[number];
