/** Pages and their parts as text. */
import type { HtmlEscapedString } from "hono/utils/html";

/** What JSX makes. */
export type Element = HtmlEscapedString | Promise<HtmlEscapedString>;

/**
 * The text of an element (hono/jsx): texts in it are escaped.
 *
 * @throws Error for an element with an asynchronous component: pages get what they show.
 */
export function htmlOf(element: Element): string {
  if (element instanceof Promise) throw new Error("a component is asynchronous");
  return element.toString();
}
