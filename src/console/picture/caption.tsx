/** What every picture has: its title, and a sentence where there is nothing to show. */
import type { FC } from "hono/jsx";
import type { PictureOptions } from "./options.ts";

/** The title of a picture, with what its values are in. */
export const Caption: FC<Pick<PictureOptions, "title" | "unit">> = ({ title, unit }) => (
  <figcaption class="picture-title">
    <bdi>{title}</bdi>
    {unit === undefined ? null : <span class="picture-unit"> in {unit}</span>}
  </figcaption>
);

/** In place of a picture without any value. */
export const NoData: FC<PictureOptions> = ({ id, ...options }) => (
  <figure class="picture" id={id}>
    <Caption {...options} />
    <p class="picture-empty">There are no values to show.</p>
  </figure>
);
