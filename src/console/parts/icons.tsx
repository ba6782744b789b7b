/** Icons, drawn in the colour of the text around them; none says anything that words do not. */
import type { FC } from "hono/jsx";

const SHAPES = {
  gate: "M4 3v18M20 3v18M4 6h16M8 6v9h8V6M12 6v9M2 19c2-1.5 3-1.5 5 0s3 1.5 5 0 3-1.5 5 0 3 1.5 5 0",
  download: "M12 3v12M7 10l5 5 5-5M4 20h16",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
} as const;

/** One of them. */
export const Icon: FC<{ name: keyof typeof SHAPES }> = ({ name }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={SHAPES[name]} />
  </svg>
);
