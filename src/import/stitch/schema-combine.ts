/**
 * `allOf`, `anyOf`, `oneOf` and `not`.
 */
import type { Json, JsonObject } from "../../json/exact.ts";
import { type Check, type Meter, Violation } from "./schema-check.ts";
import type { Scope } from "./schema-compile.ts";
import { keyword, readList } from "./schema-read.ts";
import { typeReason } from "./schema-types.ts";

/** The checks of the four combinators, which apply schemas to the same value. */
export function combinatorChecks(schema: JsonObject, scope: Scope, place: string): Check[] {
  const list = (name: string): Check[] | undefined =>
    readList(schema, name, place)?.map((inner, index) =>
      scope.same(inner, `${place}/${name}/${index}`),
    );
  const checks: Check[] = [...(list("allOf") ?? [])];
  const anyOf = list("anyOf");
  if (anyOf !== undefined) checks.push(anyCheck(anyOf, scope.meter));
  const oneOf = list("oneOf");
  if (oneOf !== undefined) checks.push(oneCheck(oneOf, scope.meter));
  const not = keyword(schema, "not");
  if (not !== undefined) checks.push(notCheck(scope.same(not, `${place}/not`)));
  return checks;
}

function anyCheck(alternatives: readonly Check[], meter: Meter): Check {
  return function checkAny(value) {
    meter.spend(alternatives.length);
    const violations: Violation[] = [];
    for (const alternative of alternatives) {
      const violation = alternative(value);
      if (violation === undefined) return undefined;
      violations.push(violation);
    }
    return closest(value, violations, "no subschema of anyOf matched");
  };
}

function oneCheck(alternatives: readonly Check[], meter: Meter): Check {
  return function checkOne(value) {
    meter.spend(alternatives.length);
    const violations: Violation[] = [];
    for (const alternative of alternatives) {
      const violation = alternative(value);
      if (violation !== undefined) violations.push(violation);
    }
    const matches = alternatives.length - violations.length;
    if (matches === 1) return undefined;
    if (matches > 1) {
      return new Violation(value, () => `${matches} subschemas matched instead of one`);
    }
    return closest(value, violations, "0 subschemas matched instead of one");
  };
}

function notCheck(inner: Check): Check {
  const describe = (): string => "the subschema of not matched";
  return function checkNot(value) {
    return inner(value) === undefined ? new Violation(value, describe) : undefined;
  };
}

/**
 * What to say where no alternative fits. Singer writes a nullable field as `anyOf` of null and
 * its schema, so: where the type fits one alternative only, what is wrong there; where it fits
 * none, all their types; otherwise that none fits.
 */
function closest(value: Json, violations: readonly Violation[], otherwise: string): Violation {
  const ofType = violations.filter(({ path, types }) => path === "" && types !== undefined);
  if (ofType.length === violations.length) {
    const names = [...new Set(ofType.flatMap(({ types }) => types ?? []))];
    return new Violation(value, (wrong) => typeReason(names, wrong), names);
  }
  const others = violations.filter((violation) => !ofType.includes(violation));
  const [only] = others;
  if (others.length === 1 && only !== undefined) return only;
  return new Violation(value, () => otherwise);
}
