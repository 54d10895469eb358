const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local time of an epoch in seconds as Python's `%a %b %d %H:%M:%S %Y`: `Sat Nov 21 03:50:12 2026`. */
export function pythonTimeText(epoch: number): string {
  const date = new Date(Math.floor(epoch) * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${weekdays[date.getDay()]} ${months[date.getMonth()]} ${two(date.getDate())} ${time} ${date.getFullYear()}`;
}
