/** Words of the document on a page: texts with code in them, code alone, numbers. */
import type { Child, FC } from "hono/jsx";

/** A text whose parts in backticks are code. */
export const Words: FC<{ text: string }> = ({ text }) => (
  <>{text.split("`").map((part, index) => (index % 2 === 0 ? part : <code>{part}</code>))}</>
);

/** A block of code, which can be scrolled by keyboard. */
export const Code: FC<{ text: string; label: string }> = ({ text, label }) => (
  <div class="code">
    <pre tabindex={0} role="group" aria-label={label}>
      <code>{text}</code>
    </pre>
  </div>
);

/** What is shown when it is asked for. */
export const More: FC<{ summary: Child; isOpen?: boolean; children?: Child }> = ({
  summary,
  isOpen,
  children,
}) => (
  <details class="more" {...(isOpen === true ? { open: true } : {})}>
    <summary>{summary}</summary>
    <div class="stack">{children}</div>
  </details>
);

/** A value as people read it: JSON over several lines, a text as it is. */
export function pretty(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}
