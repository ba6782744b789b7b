/** Secrets: made here, shown once, kept only as hashes. */
import { Buffer } from "../../buffer.ts";
import { hash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * The SHA-256 of a secret's text, in lower-case hex: what the catalogue stores. `hash` in one
 * call, because `createHash` makes a stream each time, which was 5 % of a small push.
 */
export function hashSecret(secret: string): string {
  return hash("sha256", secret, "hex");
}

/** A new secret of 256 random bits, in hex, as the hosted services had them. */
export function newSecret(): string {
  return randomBytes(32).toString("hex");
}

/** Whether two secrets are equal, in a time that tells nothing about either. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(a)), Buffer.from(hashSecret(b)));
}
