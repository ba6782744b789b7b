import { NO_STORE } from "../../http/answer.ts";

/**
 * 303: the way on, with GET.
 *
 * @param cookie the value of Set-Cookie, where one is set.
 */
export function redirectTo(path: string, cookie?: string): Response {
  const headers = new Headers({ Location: path, ...NO_STORE });
  if (cookie !== undefined) headers.set("Set-Cookie", cookie);
  return new Response(null, { status: 303, headers });
}
