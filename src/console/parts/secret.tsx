/** A secret that is shown this once: only its hash is kept. */
import type { FC } from "hono/jsx";
import { CodeBlock, Notice } from "./display.tsx";

/** `data-once` lets the script keep a reload from sending the form again. */
export const Secret: FC<{ readonly what: string; readonly secret: string }> = ({
  what,
  secret,
}) => (
  <Notice kind="good" alert>
    <p data-once>
      <strong>{what}</strong> Copy it now: it is shown this once, and nobody can look it up later.
    </p>
    <CodeBlock label={what} text={secret} />
  </Notice>
);
