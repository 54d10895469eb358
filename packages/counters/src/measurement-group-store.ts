/** Port: texts and lists of texts by key, shared by all processes of a beamline. The keys are those of BLISS. */
export interface MeasurementGroupStore {
  /** Undefined when nothing is kept. */
  getText(key: string): Promise<string | undefined>;
  setText(key: string, text: string): Promise<void>;
  /** Empty when nothing is kept. */
  getList(key: string): Promise<readonly string[]>;
  /** Replaces the whole list. */
  setList(key: string, texts: readonly string[]): Promise<void>;
}
