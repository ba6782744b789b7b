/** Random programs for the model: commands as plain data, each allowed in any state. */
import fc from "fast-check";
import { batch, native, often, points, push, SHRINKING } from "./model-generate.ts";
import type { BatchRequest, NativeRequest, PointsRequest, PushRequest } from "./model-requests.ts";

/** What is sent with a token. */
export type ImportRequest = PushRequest | BatchRequest | PointsRequest | NativeRequest;

/** A filter of an export, by one column. */
export interface FilterPlan {
  readonly column: "n" | "s";
  readonly operator: "equal" | "greater" | "is_null" | "is_not_null";
}

/** What is done; whatever is chosen by an index is taken modulo of what there is. */
export type Action =
  | {
      readonly type: "import";
      readonly token: number | "none" | "unknown";
      readonly request: ImportRequest;
    }
  | { readonly type: "repeat"; readonly of: number }
  | { readonly type: "makeToken"; readonly integration: number }
  | { readonly type: "revokeToken"; readonly token: number }
  | { readonly type: "makeKey" }
  | { readonly type: "revokeKey"; readonly key: number }
  | { readonly type: "export"; readonly table: number; readonly key: number }
  | {
      readonly type: "filteredExport";
      readonly table: number;
      readonly filter: FilterPlan;
      readonly value: string;
    }
  | { readonly type: "copy"; readonly of: number; readonly key: number }
  | { readonly type: "download"; readonly of: number; readonly key: number }
  | { readonly type: "deleteExport"; readonly of: number }
  | { readonly type: "look"; readonly table: number }
  | { readonly type: "evict" }
  | { readonly type: "pass"; readonly time: "31 s" | "8 days" };

/** An action, and in which of two isolates the Worker does it. */
export type Command = Action & { readonly isolate: 0 | 1 };

const token = fc.oneof(
  SHRINKING,
  { weight: 20, arbitrary: fc.nat(2) },
  { weight: 1, arbitrary: fc.nat(9) },
  { weight: 1, arbitrary: fc.constantFrom("none" as const, "unknown" as const) },
);
const index = fc.nat(7);

function imports(request: fc.Arbitrary<ImportRequest>): fc.Arbitrary<Action> {
  return fc.record({ type: fc.constant("import" as const), token, request });
}

const filter: fc.Arbitrary<FilterPlan> = fc.record({
  column: fc.constantFrom("n", "s"),
  operator: fc.constantFrom("equal", "greater", "is_null", "is_not_null"),
});

const other: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant("export" as const), table: index, key: index }),
  fc.record({
    type: fc.constant("filteredExport" as const),
    table: index,
    filter,
    value: fc.constantFrom("1", "0", "58.4", "9007199254740993", "1000"),
  }),
  fc.record({ type: fc.constant("copy" as const), of: index, key: index }),
  fc.record({ type: fc.constant("download" as const), of: index, key: index }),
  fc.record({ type: fc.constant("deleteExport" as const), of: index }),
  fc.record({ type: fc.constant("look" as const), table: index }),
  fc.record({ type: fc.constant("makeToken" as const), integration: index }),
  fc.record({ type: fc.constant("revokeToken" as const), token: index }),
  fc.record({ type: fc.constant("makeKey" as const) }),
  fc.record({ type: fc.constant("revokeKey" as const), key: index }),
  fc.record({ type: fc.constant("evict" as const) }),
  fc.record({ type: fc.constant("pass" as const), time: often(3, "31 s" as const, "8 days") }),
);

const repeat: fc.Arbitrary<Action> = fc.record({ type: fc.constant("repeat"), of: index });

const anyAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: imports(push) },
  { weight: 2, arbitrary: imports(batch) },
  { weight: 3, arbitrary: imports(points) },
  { weight: 4, arbitrary: imports(native) },
  { weight: 2, arbitrary: repeat },
  { weight: 4, arbitrary: other },
);

/** A program; shrinking drops commands, records and what is unusual in them. */
export const program: fc.Arbitrary<Command[]> = fc.array(
  fc
    .tuple(anyAction, fc.constantFrom(0 as const, 1 as const))
    .map(([does, isolate]): Command => ({ ...does, isolate })),
  { maxLength: 25, size: "max" },
);
