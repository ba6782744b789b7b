import type { Amount } from "./amount.ts";

/** The amount of a whole number. */
export function whole(count: number): Amount {
  return { units: BigInt(count), scale: 0 };
}
