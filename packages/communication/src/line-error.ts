import { BeamtimeError } from "@beamtime/errors";

/** Something went wrong on a line; the subclass says what. */
export abstract class LineError extends BeamtimeError {
  /** Name of the line. */
  readonly line: string;

  constructor(line: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.line = line;
  }
}

/** The device cannot be reached. Nothing was sent. */
export class LineUnreachableError extends LineError {
  readonly code = "LINE_UNREACHABLE";
}

/** The answer to a request did not come in time. The device may have done what was asked. */
export class LineTimeoutError extends LineError {
  readonly code = "LINE_TIMEOUT";
  /** What was sent, readable. */
  readonly request: string;
  /** How long the answer was waited for. */
  readonly seconds: number;

  constructor(line: string, request: string, seconds: number) {
    super(
      line,
      `${line} did not answer ${request} within ${seconds} s: see that the device is on and understands it, or give it a longer timeout`,
    );
    this.request = request;
    this.seconds = seconds;
  }
}

/** The connection broke during a request. The device may have done what was asked. */
export class LineLostError extends LineError {
  readonly code = "LINE_LOST";
  /** What was sent, readable. */
  readonly request: string;

  constructor(line: string, request: string, why: string, options?: { cause?: unknown }) {
    super(
      line,
      `${line} was lost during ${request}: ${why}; it may have been carried out: see what the device does before sending it again`,
      options,
    );
    this.request = request;
  }
}

/** An answer is longer than is allowed on the line. */
export class LineOverflowError extends LineError {
  readonly code = "LINE_OVERFLOW";
  /** What was sent, readable. */
  readonly request: string;
  /** Most bytes that are allowed. */
  readonly maxAnswer: number;

  constructor(line: string, request: string, maxAnswer: number) {
    super(
      line,
      `${line} answered ${request} with more than ${maxAnswer} bytes: see that it ends its answers as expected, or allow more (maxAnswer)`,
    );
    this.request = request;
    this.maxAnswer = maxAnswer;
  }
}

/** Too many requests wait for their turn. Nothing was sent. */
export class LineBusyError extends LineError {
  readonly code = "LINE_BUSY";

  constructor(line: string, maxWaiting: number) {
    super(
      line,
      `${maxWaiting} requests wait for ${line} already: the device is slower than what is asked of it, ask it less often`,
    );
  }
}

/** The line was closed. */
export class LineClosedError extends LineError {
  readonly code = "LINE_CLOSED";

  constructor(line: string) {
    super(line, `${line} was closed: make a new line to talk to the device again`);
  }
}
