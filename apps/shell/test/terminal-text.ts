/** A code, its number and its letter; or a character. */
const tokens = new RegExp(`${"\x1b"}(?:\\[([\\d;?]*)([A-Za-z])|.)|[^]`, "gu");

/**
 * What a terminal shows after all that was written to it, line by line: knows the codes that readline and our commands use.
 *
 * @throws Error for a code that it does not know
 */
export function terminalText(written: string): string {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  const lineAt = (index: number): string[] => {
    while (lines.length <= index) lines.push([]);
    return lines[index] ?? [];
  };
  for (const [token, count = "", code] of written.matchAll(tokens)) {
    const number = Number(count || 1);
    if (code === undefined) {
      if (token === "\r") column = 0;
      else if (token === "\n") row += 1;
      else if (token === "\b") column = Math.max(0, column - 1);
      else if (token >= " ") {
        const line = lineAt(row);
        while (line.length < column) line.push(" ");
        line[column++] = token;
      }
    } else if (code === "A") row = Math.max(0, row - number);
    else if (code === "B") row += number;
    else if (code === "C") column += number;
    else if (code === "D") column = Math.max(0, column - number);
    else if (code === "G") column = number - 1;
    else if (code === "J" || code === "K") {
      lineAt(row).splice(column);
      if (code === "J") lines.splice(row + 1);
    } else if (!"mhl".includes(code)) throw new Error(`unknown code ${JSON.stringify(token)}`);
  }
  return lines.map((line) => line.join("").trimEnd()).join("\n");
}
