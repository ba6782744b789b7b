/** How a load ends that does not go well: each error with its exit code. */
import { Stop } from "../process.mjs";

/** Exit codes of the command: everything stored, refused or failed, wrong usage, rows left out. */
export const EXIT = { STORED: 0, FAILED: 1, USAGE: 2, SKIPPED: 3 };

/** The command was called in a way it cannot follow; nothing was sent. */
export class UsageError extends Stop {
  /** @param {string} message */
  constructor(message) {
    super(message, EXIT.USAGE);
  }
}

/** The load cannot go on; what was stored before stays. */
export class LoadError extends Stop {
  /** @param {string} message */
  constructor(message) {
    super(message, EXIT.FAILED);
  }
}

/** The file cannot be read on from here: its form is broken. */
export class FileError extends LoadError {
  /**
   * @param {string} reason
   * @param {number} line from 1
   */
  constructor(reason, line) {
    super(`line ${line}: ${reason}`);
  }
}

/** One record of the file cannot be sent; with `--on-error skip` the others are. */
export class RecordError extends Error {
  /**
   * @param {string} code of the kind of fault, in the manner of the service's codes
   * @param {string} reason
   * @param {string} [field] the column at fault
   */
  constructor(code, reason, field) {
    super(reason);
    this.code = code;
    this.field = field;
  }
}

/** The service refused a request, or could not be brought to answer it. */
export class SendError extends LoadError {}

/** The bytes of the file could not be had. */
export class ReadError extends LoadError {}
