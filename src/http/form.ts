/** The parameters of the export surface: in a form, or else in the query (wire.md 4.2). */
import { type Admission, withAdmission } from "./admission.ts";
import { readBody } from "./body.ts";
import { EXPORT_BODY_BYTES_MAX } from "./limits.ts";

/** A parameter without outer white space; blank is absent. */
export type Fields = (name: string) => string | undefined;

/**
 * Reads the body, once. Whatever its type says, it is taken for a form, and it may be absent.
 *
 * @throws Refusal what reading a body throws (body.ts).
 */
export async function readFields(request: Request): Promise<Fields> {
  const form = await withAdmission((admission) => readForm(request, admission));
  const query = new URL(request.url).searchParams;
  return (name) => {
    const values = [form.get(name), query.get(name)].map((text) => (text ?? "").trim());
    return values.find((text) => text !== "");
  };
}

async function readForm(request: Request, admission: Admission): Promise<URLSearchParams> {
  const bytes = await readBody(request, EXPORT_BODY_BYTES_MAX, admission);
  return new URLSearchParams(new TextDecoder().decode(bytes));
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
]);

/** `1` or `true`, `0` or `false`; undefined for any other text. */
export function flagOf(text: string): boolean | undefined {
  return FLAGS.get(text);
}
