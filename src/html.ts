/** Pages and their parts as text. */
import type { HtmlEscapedString } from "hono/utils/html";

/** What JSX makes. */
export type Element = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The headers of every page, but for its policy and how long it may be kept. */
export const HTML_HEADERS = {
  "Content-Type": "text/html; charset=UTF-8",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** A whole document as text. */
export function documentOf(element: Element): string {
  return `<!doctype html>\n${htmlOf(element)}\n`;
}

/**
 * The text of an element (hono/jsx): texts in it are escaped.
 *
 * @throws Error for an element with an asynchronous component: pages get what they show.
 */
export function htmlOf(element: Element): string {
  if (element instanceof Promise) throw new Error("a component is asynchronous");
  return element.toString();
}
