import type { Json, JsonObject } from "./exact.ts";

/** Sets an own member, also one called `__proto__`, which assignment would not make a member. */
export function setMember(object: JsonObject, name: string, value: Json): void {
  if (name !== "__proto__") {
    object[name] = value;
    return;
  }
  const member = { value, writable: true, enumerable: true, configurable: true };
  Object.defineProperty(object, name, member);
}
