/** Fields of a form as members of a definition, and back. */
import { isNumber, isObject, type Json, type JsonObject, numberText } from "../../json/exact.ts";
import type { Form } from "../session/form.ts";

/** The first value of a field as it was typed; empty where it is absent. */
export function fieldText(form: Form, name: string): string {
  return form.get(name)?.[0] ?? "";
}

/**
 * A number that was typed, digit for digit. Any other text stays one: the admin API says what is
 * wrong with it.
 */
export function typedNumber(text: string): unknown {
  const trimmed = text.trim();
  return /^-?(?:0|[1-9]\d*)$/.test(trimmed) ? JSON.rawJSON(trimmed) : trimmed;
}

/** A member with this value, or none where the text is empty. */
export function textMember(name: string, text: string): Record<string, unknown> {
  return text === "" ? {} : { [name]: text };
}

/** A member that is a number, or none where nothing was typed. */
export function numberMember(name: string, text: string): Record<string, unknown> {
  return text.trim() === "" ? {} : { [name]: typedNumber(text) };
}

/** A member of a definition as text: a text or a number as it is, empty for all else. */
export function shownText(object: JsonObject, name: string): string {
  const value = memberOf(object, name);
  if (typeof value === "string") return value;
  return isNumber(value) ? numberText(value) : "";
}

/** A member of an object that came from outside; undefined where it has none. */
export function memberOf(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The objects of a list, or none. */
export function objectsOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** An object, or an empty one. */
export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
