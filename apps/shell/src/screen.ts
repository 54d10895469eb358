/** Where a command writes. */
export interface Screen {
  /** Takes text, lines ended. */
  readonly print: (text: string) => void;
  /** Whether lines can be written anew. */
  readonly isTerminal: boolean;
  /** Characters a line. */
  readonly width: number;
}

/** A stream as a screen, with the width it has at each moment; 120 characters where that is not known. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  return {
    print: (text) => void stream.write(text),
    isTerminal: stream.isTTY,
    get width() {
      return (stream.isTTY && stream.columns) || 120;
    },
  };
}
