/** Calls of a service over HTTP: texts in and out, patiently. */
import { setTimeout as sleep } from "node:timers/promises";
import { Stop } from "../process.mjs";
import { causeOf, isRepeatable, waitMs } from "../retry.mjs";

/** How often a request is sent again where it may help: over a minute in all. */
const RETRIES = 10;

/** Longest time for one answer, in ms: 4 MB over a slow line. */
const ANSWER_MS = 120_000;

/**
 * The admin API of a service.
 *
 * @param address the service's, such as `https://headgate.example.com`.
 * @returns a function from a path below `/admin/v1` to the text of its answer. It throws a
 *   {@link Stop} that names the path for any refusal, after some attempts where these help.
 */
export function adminApi(address, token) {
  return async function get(path) {
    const request = { headers: { Authorization: `Bearer ${token}` } };
    return patiently(`GET /admin/v1${path}`, `${address}/admin/v1${path}`, request);
  };
}

/** Sends JSON with an import token; throws a {@link Stop} where it is not taken. */
export async function post(url, token, body, headers) {
  const all = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers };
  const request = { method: "POST", body, headers: all };
  return patiently(`POST ${new URL(url).pathname}`, url, request);
}

async function patiently(name, url, request) {
  for (let repeat = 1; ; repeat++) {
    const { text, problem, mayHelp, retryAfter } = await once(url, request);
    if (problem === undefined) return text;
    if (!mayHelp || repeat > RETRIES) throw new Stop(`${name}: ${problem}`);
    await sleep(waitMs(repeat, retryAfter));
  }
}

async function once(url, request) {
  try {
    const answer = await fetch(url, {
      ...request,
      // The token goes to the host that was named, and to no other.
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await answer.text();
    if (answer.ok) return { text };
    return {
      problem: `answered ${answer.status}: ${answer.headers.get("location") ?? text.slice(0, 300)}`,
      mayHelp: isRepeatable(answer.status),
      retryAfter: answer.headers.get("retry-after"),
    };
  } catch (error) {
    const { text: problem, isPassing: mayHelp } = causeOf(error);
    return { problem, mayHelp };
  }
}
