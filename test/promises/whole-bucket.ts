/** A bucket in memory whose files can also be read, and listed as the sweep does. */
import { MemoryBucket } from "../support/bucket.ts";

export class WholeBucket extends MemoryBucket {
  /** Since when files are there; those that are not here have just been made. */
  readonly uploaded = new Map<string, Date>();

  override async head(key: string): Promise<unknown> {
    const file = this.files.get(key);
    if (file === undefined) return null;
    return { key, size: file.length, httpEtag: '"etag"', uploaded: this.#uploadedAt(key) };
  }

  async get(key: string): Promise<unknown> {
    const file = this.files.get(key);
    return file === undefined ? null : { key, size: file.length, body: new Blob([file]).stream() };
  }

  async list({ startAfter = "" }: R2ListOptions): Promise<unknown> {
    const keys = [...this.files.keys()].filter((key) => key > startAfter).toSorted();
    const objects = keys.map((key) => ({ key, uploaded: this.#uploadedAt(key) }));
    return { objects, truncated: false };
  }

  #uploadedAt(key: string): Date {
    return this.uploaded.get(key) ?? new Date();
  }
}
