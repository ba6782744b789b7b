import { describe, expect, test } from "vitest";
import { hashSecret, newSecret, sameSecret } from "../../../src/http/credentials/secrets.ts";

describe("hashSecret", () => {
  // FIPS 180-4 examples, and the UTF-8 of a letter beyond ASCII.
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["é", "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"],
  ])("of %j", (secret, hash) => {
    expect(hashSecret(secret)).toBe(hash);
  });

  test("is what the platform's own digest gives", async () => {
    for (const secret of ["é", "x".repeat(100_000), "\u0000", "😀"]) {
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
      const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0"));
      expect(hashSecret(secret)).toBe(hex.join(""));
    }
  });
});

test("newSecret has 256 bits in hex, and is never made twice", () => {
  const made = Array.from({ length: 1_000 }, () => newSecret());
  expect(made.filter((secret) => !/^[0-9a-f]{64}$/.test(secret))).toEqual([]);
  expect(new Set(made).size).toBe(made.length);
  // Each of the 64 places takes each of the 16 digits: chance leaves one out once in 10^24.
  for (let place = 0; place < 64; place += 1) {
    expect(new Set(made.map((secret) => secret[place])).size).toBe(16);
  }
});

describe("sameSecret", () => {
  test.each(["", "a", "token", "é😀", "x".repeat(10_000)])("%j is itself", (secret) => {
    expect(sameSecret(secret, `${secret}`)).toBe(true);
  });

  test.each([
    ["", "a"],
    ["token", "Token"],
    ["token", "token "],
    ["token", "toke"],
    ["token", "token\0"],
    ["e\u0301", "\u00e9"],
  ])("%j and %j are two, whatever their lengths", (a, b) => {
    expect(sameSecret(a, b)).toBe(false);
    expect(sameSecret(b, a)).toBe(false);
  });
});
