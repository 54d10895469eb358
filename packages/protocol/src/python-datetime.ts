/** Fields of a moment, as {@link PyDateTime} keeps them. `month` counts from 1. */
export interface PyDateTimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly microsecond?: number;
  /** Offset from UTC in seconds of an aware datetime; null (the default) for naive local time. */
  readonly utcOffset?: number | null;
}

/** A Python `datetime.datetime`: naive local time to the microsecond, unless it has an offset from UTC. */
export class PyDateTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly utcOffset: number | null;

  constructor(fields: PyDateTimeFields) {
    this.year = fields.year;
    this.month = fields.month;
    this.day = fields.day;
    this.hour = fields.hour ?? 0;
    this.minute = fields.minute ?? 0;
    this.second = fields.second ?? 0;
    this.microsecond = fields.microsecond ?? 0;
    this.utcOffset = fields.utcOffset ?? null;
  }

  /** Local time of an epoch in seconds, rounded to the microsecond as Python's `fromtimestamp` does. */
  static fromEpoch(seconds: number): PyDateTime {
    let whole = Math.trunc(seconds);
    let microsecond = roundHalfEven((seconds - whole) * 1e6);
    if (microsecond < 0) {
      microsecond += 1_000_000;
      whole -= 1;
    }
    if (microsecond >= 1_000_000) {
      microsecond -= 1_000_000;
      whole += 1;
    }
    return fromLocal(new Date(whole * 1000), microsecond);
  }

  /** Local time of a JavaScript date. */
  static fromDate(date: Date): PyDateTime {
    return fromLocal(date, date.getMilliseconds() * 1000);
  }

  /** The moment, to the millisecond; local time when naive. */
  toDate(): Date {
    const { year, month, day, hour, minute, second, microsecond, utcOffset } = this;
    const millisecond = Math.floor(microsecond / 1000);
    // The four-digit setters, because the constructor takes the years 0 to 99 for 1900 to 1999.
    const date = new Date(0);
    if (utcOffset === null) {
      date.setFullYear(year, month - 1, day);
      date.setHours(hour, minute, second, millisecond);
    } else {
      date.setUTCFullYear(year, month - 1, day);
      date.setUTCHours(hour, minute, second, millisecond);
      date.setTime(date.getTime() - utcOffset * 1000);
    }
    return date;
  }
}

/** A Python `datetime.date`. `month` counts from 1. */
export class PyDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;

  constructor(year: number, month: number, day: number) {
    this.year = year;
    this.month = month;
    this.day = day;
  }

  /** ISO form, `2024-02-29`. */
  toString(): string {
    const pad = (value: number, width: number): string => String(value).padStart(width, "0");
    return `${pad(this.year, 4)}-${pad(this.month, 2)}-${pad(this.day, 2)}`;
  }
}

/** A Python `datetime.timedelta`, normalised as Python does: only `days` may be negative. */
export class PyTimeDelta {
  readonly days: number;
  readonly seconds: number;
  readonly microseconds: number;

  constructor(days: number, seconds: number, microseconds: number) {
    this.days = days;
    this.seconds = seconds;
    this.microseconds = microseconds;
  }

  /** The whole duration in seconds. */
  get totalSeconds(): number {
    return this.days * 86_400 + this.seconds + this.microseconds / 1e6;
  }
}

function fromLocal(date: Date, microsecond: number): PyDateTime {
  return new PyDateTime({
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
    microsecond,
  });
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
