/**
 * A bucket in memory that keeps R2's rules for multipart uploads but the least size of a part,
 * so that small files have many parts; and that can tell which uploads nobody ended.
 */
import { Buffer } from "../../src/buffer.ts";

/** How R2 names an upload that was completed or aborted, or never was. */
const NO_SUCH_UPLOAD = "The specified multipart upload does not exist. (10024)";

export class MemoryBucket {
  readonly files = new Map<string, Uint8Array>();
  /** Uploads that are neither completed nor aborted: parts by number. */
  readonly uploads = new Map<string, Map<number, { etag: string; bytes: Uint8Array }>>();
  #made = 0;

  /** As the binding that the code knows. */
  get binding(): R2Bucket {
    return this as unknown as R2Bucket;
  }

  async createMultipartUpload(key: string): Promise<unknown> {
    this.#made += 1;
    const uploadId = `upload-${this.#made}`;
    this.uploads.set(`${key} ${uploadId}`, new Map());
    return this.resumeMultipartUpload(key, uploadId);
  }

  resumeMultipartUpload(key: string, uploadId: string): unknown {
    const id = `${key} ${uploadId}`;
    const parts = (): Map<number, { etag: string; bytes: Uint8Array }> => {
      const found = this.uploads.get(id);
      if (found === undefined) throw new Error(NO_SUCH_UPLOAD);
      return found;
    };
    return {
      key,
      uploadId,
      uploadPart: async (partNumber: number, bytes: Uint8Array) => {
        this.#made += 1;
        const etag = `etag-${this.#made}`;
        parts().set(partNumber, { etag, bytes: bytes.slice() });
        return { partNumber, etag };
      },
      complete: async (listed: readonly R2UploadedPart[]) => {
        const pieces = listed.map(({ partNumber, etag }) => {
          const part = parts().get(partNumber);
          if (part?.etag !== etag) throw new Error("One or more parts could not be found. (10025)");
          return part.bytes;
        });
        const [first, ...others] = pieces.slice(0, -1);
        if (others.some((piece) => piece.length !== first?.length)) {
          throw new Error("All non-trailing parts must have the same length. (10048)");
        }
        this.files.set(key, Buffer.concat(pieces));
        this.uploads.delete(id);
        return { key };
      },
      abort: async () => {
        parts();
        this.uploads.delete(id);
      },
    };
  }

  async head(key: string): Promise<unknown> {
    const file = this.files.get(key);
    return file === undefined ? null : { key, size: file.length };
  }

  async delete(keys: string | readonly string[]): Promise<void> {
    for (const key of typeof keys === "string" ? [keys] : keys) this.files.delete(key);
  }
}
