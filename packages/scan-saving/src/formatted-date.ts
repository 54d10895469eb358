const monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local time in the strftime codes that dates of paths use: `%Y%m%d`. Other codes stay as they are. */
export function formattedDate(format: string, date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    b: monthNames[date.getMonth()] ?? "",
    d: two(date.getDate()),
    H: two(date.getHours()),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    "%": "%",
  };
  return format.replaceAll(/%(.)/g, (whole, code: string) => parts[code] ?? whole);
}
