/** A load: the batches of a file to the service, in order, with what is kept to go on. */
import { randomUUID } from "node:crypto";
import { BEGINNING, batchesOf, rowsOf } from "./batches.mjs";
import { FileError } from "./errors.mjs";
import { removeWhole } from "./files.mjs";
import { RejectedFile, rejectionsOf } from "./rejected.mjs";
import { sendBatch } from "./send.mjs";
import { identityOf, Source } from "./source.mjs";
import { isOld, loadState, newState, noCounts, saveState } from "./state.mjs";

/** @typedef {Extract<import("./options.mjs").Options, { isHelp: false }>} LoadOptions */

/** What a batch without records to send is answered with. */
const NOTHING = { received: 0, inserted: 0, replaced: 0, stale: 0, skipped: 0, errors: [] };

/**
 * Loads the file of the options; one object for one load.
 *
 * A batch counts as stored when the service has said so and all batches before it are stored.
 * Then its rejections are written, then the state: what a kill leaves behind is the state of
 * some batches ago, and those are sent again under the keys that they had.
 */
export class Load {
  /** @type {import("./batches.mjs").Mark} */
  #mark = BEGINNING;
  /** @type {string} */
  #load = randomUUID();
  #counts = noCounts();
  #startedAt = performance.now();
  /** @type {import("./source.mjs").Identity | undefined} */
  #identity;
  /** @type {RejectedFile | undefined} */
  #rejected;

  /**
   * @param {LoadOptions} options
   * @param {import("./progress.mjs").Display} display
   * @param {AbortSignal} stop ends the load behind the batches that are on their way
   */
  constructor(options, display, stop) {
    const name = options.path ?? "stdin";
    this.options = options;
    this.display = display;
    this.stop = stop;
    this.statePath = `${name}.headgate-push.json`;
    this.rejectedPath = `${name}.rejected.ndjson`;
  }

  /** Records that are stored or left out. */
  get rows() {
    return this.#mark.index;
  }

  /** Of this load, the runs before this one included. */
  get counts() {
    const seconds = this.#counts.seconds + (performance.now() - this.#startedAt) / 1_000;
    return { ...this.#counts, seconds };
  }

  /**
   * Sends what is not stored yet. Resolves when all is stored, or when `stop` ended it. Throws
   * where a record, the service or the file does not allow to go on; what came before is stored.
   */
  async run() {
    const { path, isResumable, format } = this.options;
    if (path !== undefined) this.#identity = await identityOf(path);
    if (isResumable) await this.#resume();
    if (this.options.isSkipping) await this.#beginRejected();
    const source = new Source(path, format.isGzip, this.#mark.offset);
    this.#showProgress(source);
    try {
      await this.#sendAll(source);
    } finally {
      this.display.end();
    }
    if (isResumable && !this.stop.aborted) await removeWhole(this.statePath);
  }

  async #resume() {
    const { identity, isRestart } = this.options;
    const file = /** @type {import("./source.mjs").Identity} */ (this.#identity);
    const state = isRestart ? undefined : await loadState(this.statePath, file, identity);
    if (state === undefined) {
      await this.#save();
      return;
    }
    this.#load = state.load;
    this.#mark = state.mark;
    this.#counts = state.counts;
    this.#rejected = new RejectedFile(this.rejectedPath, state.rejected_bytes);
    if (state.mark.index > 0) {
      const rows = state.mark.index.toLocaleString("en");
      this.display.note(
        `going on behind the ${rows} rows that are done, at line ${state.mark.line}`,
      );
    }
    if (isOld(state) && this.options.mayAppend) {
      this.display.note(
        "the load stopped more than a day ago: the rows that were on their way then may be" +
          " stored already, and a table without keys may get them twice",
      );
    }
  }

  async #beginRejected() {
    this.#rejected ??= new RejectedFile(this.rejectedPath, 0);
    await this.#rejected.begin();
  }

  /** @param {Source} source */
  async #sendAll(source) {
    const abandon = () => source.close();
    this.stop.addEventListener("abort", abandon);
    /** @type {Promise<void>[]} */
    const pending = [];
    let last = Promise.resolve();
    try {
      for await (const batch of this.#batches(source)) {
        if (pending.length >= this.options.concurrency) await pending.shift();
        if (this.stop.aborted) break;
        last = this.#store(batch, last, source);
        // It is awaited later, and may fail before.
        last.catch(abandon);
        pending.push(last);
      }
    } catch (error) {
      // What is on its way may still be stored. Its failure came first, and closed the file.
      await Promise.all(pending).then(() => this.#orStopped(error));
    } finally {
      await Promise.allSettled(pending);
      this.stop.removeEventListener("abort", abandon);
      source.close();
    }
    await last;
  }

  /** @param {unknown} error of a file that may have been closed since the load was to stop */
  #orStopped(error) {
    if (!this.stop.aborted) throw error;
  }

  /** @param {Source} source */
  #batches(source) {
    const { form, delimiter, empty, types } = this.options.format;
    const { isSkipping, batchRows, batchBytes } = this.options;
    const reading = {
      ...{ form, delimiter, empty, isSkipping, batchRows, batchBytes },
      typeOf: (/** @type {string} */ column) => types.named.get(column) ?? types.others,
      checkColumns(/** @type {string[]} */ columns) {
        const unknown = [...types.named.keys()].find((column) => !columns.includes(column));
        if (unknown === undefined) return;
        throw new FileError(`the header has no column ${JSON.stringify(unknown)}`, 1);
      },
    };
    return batchesOf(source.pieces(), reading, this.#mark);
  }

  /**
   * Sends a batch at once, and takes note of it when the one before it is stored.
   * @param {import("./batches.mjs").Batch} batch
   * @param {Promise<void>} before
   * @param {Source} source
   */
  async #store(batch, before, source) {
    const answered = this.#send(batch);
    // The failures of batches come in their order.
    answered.catch(() => undefined);
    await before;
    const answer = await answered;
    await this.#count(batch, answer);
    this.#mark = batch.mark;
    if (this.options.isResumable) await this.#save();
    this.#showProgress(source);
  }

  /**
   * @param {import("./batches.mjs").Batch} batch
   * @returns {Promise<import("./send.mjs").Answer>}
   */
  #send(batch) {
    if (batch.records.length === 0) return Promise.resolve(NOTHING);
    const { options, stop } = this;
    const { address, token, isGzip, retries, retryMs, timeoutMs } = options;
    return sendBatch(batch, `${this.#load}:${batch.offset}`, {
      ...{ address, token, isGzip, retries, retryMs, timeoutMs, stop },
      onRetry: (reason, ms, repeat) => {
        this.#counts.retries += 1;
        const wait = (ms / 1_000).toFixed(1);
        this.display.note(`${reason}; again in ${wait} s (${repeat} of ${retries})`);
      },
    });
  }

  /**
   * @param {import("./batches.mjs").Batch} batch
   * @param {import("./send.mjs").Answer} answer
   */
  async #count(batch, answer) {
    const { rejections, unnamed } = rejectionsOf(batch, answer);
    if (unnamed > 0) {
      const lines = `${batch.lines[0]} to ${batch.lines.at(-1)}`;
      this.display.error(`${unnamed} rows of the lines ${lines} were left out and are not named`);
    }
    await this.#rejected?.add(rejections);
    const counts = this.#counts;
    counts.received += rowsOf(batch);
    counts.inserted += answer.inserted;
    counts.replaced += answer.replaced;
    counts.stale += answer.stale;
    counts.skipped += answer.skipped + batch.rejections.length;
  }

  async #save() {
    const file = /** @type {import("./source.mjs").Identity} */ (this.#identity);
    await saveState(this.statePath, {
      ...newState(this.#load, file, this.options.identity),
      mark: this.#mark,
      counts: this.counts,
      rejected_bytes: this.#rejected?.bytes ?? 0,
    });
  }

  /** @param {Source} source */
  #showProgress(source) {
    const bytes = source.positionAt(this.#mark.offset);
    this.display.show({ bytes, total: this.#identity?.size, rows: this.rows });
  }
}
