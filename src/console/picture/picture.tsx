/** `ReportPicture`: the data of a report as the picture of its kind. */
import type { FC } from "hono/jsx";
import { BarPicture } from "./bars.tsx";
import { isScalar, type ReportData } from "./data.ts";
import { DataTable, ScalarPicture } from "./data-table.tsx";
import { HeatTable } from "./heat.tsx";
import { LinePicture } from "./lines.tsx";
import type { PictureKind, PictureOptions } from "./options.ts";

export interface ReportPictureProps extends PictureOptions {
  readonly kind: PictureKind;
  readonly data: ReportData;
}

/** Data in the shape of a scalar are one, whatever the kind says. */
export const ReportPicture: FC<ReportPictureProps> = ({ kind, data, ...options }) => {
  if (isScalar(data) || kind === "scalar") return <ScalarPicture {...options} data={data} />;
  switch (kind) {
    case "line":
      return <LinePicture {...options} data={data} />;
    case "bar":
      return <BarPicture {...options} data={data} />;
    case "table":
      return <DataTable {...options} data={data} />;
    case "heat":
      return <HeatTable {...options} data={data} />;
  }
};
