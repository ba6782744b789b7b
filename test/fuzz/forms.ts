/** The forms of the console's pages, as a browser without script would send them. */
import { Buffer } from "../../src/buffer.ts";
import type { Input } from "./request.ts";
import type { World } from "./world.ts";

/** What must stay for the other inputs: forms that take something away are left out. */
const TAKES_AWAY = /delete|revoke|sign-out|sign-in/;

/** The forms of the pages at these paths, filled in as the pages have them. */
export async function formsOf(world: World, pages: readonly Input[]): Promise<Input[]> {
  const forms = new Map<string, Input>();
  for (const page of pages) {
    if (page.method !== "GET" || !page.target.startsWith("/console/")) continue;
    const headers = { Cookie: world.cookie };
    const answer = await fetch(`${world.base}${page.target}`, { headers, redirect: "manual" });
    for (const form of formsIn(await answer.text(), page)) {
      const key = `${form.method} ${form.target.replaceAll(/\d+/g, "0").slice(0, 80)}`;
      if (!forms.has(key)) forms.set(key, form);
    }
  }
  return [...forms.values()];
}

function formsIn(html: string, page: Input): Input[] {
  return [...html.matchAll(/<form([^>]*)>([^]*?)<\/form>/g)].flatMap(
    ([, head = "", inner = ""]) => {
      const action = plain(attribute(head, "action") ?? page.target);
      if (TAKES_AWAY.test(action)) return [];
      const fields = fieldsIn(inner).toString();
      if ((attribute(head, "method") ?? "get").toLowerCase() === "get") {
        return [{ ...page, target: `${action.split("?")[0]}?${fields}` }];
      }
      const type = ["Content-Type", "application/x-www-form-urlencoded"] as const;
      const headers = [...page.headers, type];
      return [
        {
          route: "console form",
          method: "POST",
          target: action,
          headers,
          body: Buffer.from(fields),
          framing: "length" as const,
        },
      ];
    },
  );
}

function fieldsIn(html: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [, tag = "", head = ""] of html.matchAll(
    /<(input|select|textarea|button)\b([^>]*)>/g,
  )) {
    const name = attribute(head, "name");
    // Of several buttons one is pressed.
    if (name === undefined || (tag === "button" && fields.has(name))) continue;
    const isOff = /type="(?:checkbox|radio)"/.test(head) && !/\schecked/.test(head);
    if (!isOff) fields.append(plain(name), plain(valueOf(html, tag, head, name)));
  }
  return fields;
}

function valueOf(html: string, tag: string, head: string, name: string): string {
  if (tag === "input" || tag === "button") return attribute(head, "value") ?? "";
  const start = html.indexOf(`name="${name}"`);
  const inner = html.slice(html.indexOf(">", start) + 1, html.indexOf(`</${tag}>`, start));
  if (tag === "textarea") return inner;
  const options = [...inner.matchAll(/<option([^>]*)>([^<]*)/g)];
  const chosen = options.find(([, one = ""]) => one.includes("selected")) ?? options[0];
  return attribute(chosen?.[1] ?? "", "value") ?? chosen?.[2] ?? "";
}

function attribute(head: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(head)?.[1];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

function plain(html: string): string {
  return html.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}
