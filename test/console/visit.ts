/** A browser without script, signed in to the console of the whole Worker. */
import { newAddress, ORIGIN } from "./session/console.ts";
import { testEnv } from "../support/env.ts";
import { callWorker } from "../support/worker.ts";

/** A page as it was answered. */
export interface Visited {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where a redirect leads. */
  readonly location: string | null;
}

/** One signed-in browser. */
export class Browser {
  readonly #env: Env;
  #cookie = "";
  #csrf = "";

  private constructor(env: Env) {
    this.#env = env;
  }

  /** Signs in with the admin token, from an address of its own. */
  static async signedIn(env: Env = testEnv): Promise<Browser> {
    const browser = new Browser(env);
    const body = new URLSearchParams({ token: "test-admin-token" });
    const answer = await browser.#send("/sign-in", body, { "CF-Connecting-IP": newAddress() });
    browser.#cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    return browser;
  }

  /** What its requests have besides: for those that this class cannot make. */
  get headers(): Readonly<Record<string, string>> {
    return { Cookie: this.#cookie };
  }

  /** A page, by its path below `/console`. */
  async get(path: string): Promise<Visited> {
    const page = await this.#send(path);
    this.#csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? this.#csrf;
    return page;
  }

  /** Sends a form of the page that was seen last. */
  async post(
    path: string,
    fields: Record<string, string> | URLSearchParams = {},
  ): Promise<Visited> {
    if (this.#csrf === "") await this.get("");
    const body = new URLSearchParams(fields);
    if (!body.has("csrf")) body.set("csrf", this.#csrf);
    return this.#send(path, body);
  }

  async #send(
    path: string,
    body?: URLSearchParams,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Visited> {
    const headers = new Headers({ Cookie: this.#cookie, ...more });
    const init: RequestInit = { headers, redirect: "manual" };
    if (body !== undefined) {
      init.method = "POST";
      init.body = body.toString();
      headers.set("Content-Type", "application/x-www-form-urlencoded");
      headers.set("Origin", ORIGIN);
      headers.set("Sec-Fetch-Site", "same-origin");
    }
    const answer = await callWorker(this.#env, `/console${path}`, init);
    const { status } = answer;
    const location = answer.headers.get("location");
    return { status, headers: answer.headers, text: await answer.text(), location };
  }
}
