/** A number in a printf format of integers, `%04d`. */
export function printed(format: string, number: number): string {
  return format.replace(/%(0?)(\d*)d/, (_, zero: string, width: string) =>
    String(number).padStart(Number(width), zero || " "),
  );
}
