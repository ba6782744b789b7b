/** The element of a drawn picture, with its name and its description in words. */
import type { FC, PropsWithChildren } from "hono/jsx";
import type { Size } from "./plot.ts";

export interface SvgProps extends PropsWithChildren {
  /** Of the whole picture (PictureOptions). */
  readonly id: string;
  readonly title: string;
  /** The picture in words (summary.ts). */
  readonly summary: string;
  readonly size: Size;
  readonly width: number;
  readonly height: number;
}

/** One size of a picture. The page shows one of them, and hides the other from all readers. */
export const Svg: FC<SvgProps> = ({ id, title, summary, size, width, height, children }) => {
  const own = `${id}-${size}`;
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class={`picture-svg picture-${size}`}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-labelledby={`${own}-title`}
      aria-describedby={`${own}-desc`}
    >
      <title id={`${own}-title`}>{title}</title>
      <desc id={`${own}-desc`}>{summary}</desc>
      {children}
    </svg>
  );
};
