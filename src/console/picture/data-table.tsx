/** `DataTable`: all values of a report, exact where they are short and marked where rounded. */
import { raw } from "hono/html";
import type { FC } from "hono/jsx";
import { numberText } from "../../json/exact.ts";
import {
  isScalar,
  labelsOf,
  type PictureNumber,
  type ReportData,
  type Series,
  type SeriesData,
} from "./data.ts";
import { formatNumber, isShownWhole, type NumberFormat } from "./format.ts";
import { Caption, NoData } from "./caption.tsx";
import { formatOf, type PictureOptions } from "./options.ts";
import { areDates, dateNamer } from "./ticks.ts";

export interface DataTableProps extends PictureOptions {
  readonly data: SeriesData;
  /** Whether the table is in the `<details>` of another picture, which has the title. */
  readonly isInside?: boolean | undefined;
}

/** Rows are periods or groups, columns series; of a cohort chart rows are cohorts. */
export const DataTable: FC<DataTableProps> = ({ data, isInside = false, ...options }) => {
  const isEmpty = data.series.every(({ data: points }) => points.length === 0);
  if (isEmpty) return <NoData {...options} />;
  const isCohort = data.chart["type"] === "cohort";
  const table = isCohort ? (
    <SeriesRows data={data} options={options} />
  ) : (
    <LabelRows data={data} options={options} />
  );
  const scrolled = (
    <div class="picture-scroll" role="group" aria-label={`${options.title}, table`} tabindex={0}>
      {table}
    </div>
  );
  if (isInside) return scrolled;
  return (
    <figure class="picture" id={options.id}>
      <Caption {...options} />
      {scrolled}
    </figure>
  );
};

interface Rows {
  readonly data: SeriesData;
  readonly options: PictureOptions;
}

const LabelRows: FC<Rows> = ({ data: { series }, options }) => {
  const isDated = areDates(series.flatMap(({ data }) => data.map(([label]) => label)));
  const labels = labelsOf(series, isDated);
  const nameOf = dateNamer(labels);
  const columns = series.map((each) => columnOf(each, options));
  return (
    <table class="picture-table">
      <caption class="picture-hidden">{options.title}</caption>
      <thead>
        <tr>
          <th scope="col">{isDated ? "Period" : "Group"}</th>
          {series.map(({ name }) => (
            <th scope="col">
              <bdi>{name === "" ? "(empty)" : name}</bdi>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {labels.map((label) => (
          <Row
            name={nameOf(label)}
            cells={columns.map(({ values, format }) => cellOf(values.get(label), format))}
          />
        ))}
      </tbody>
    </table>
  );
};

/** The head of a table whose rows are cohorts. */
export const CohortHead: FC<{ readonly labels: readonly string[] }> = ({ labels }) => (
  <thead>
    <tr>
      <th scope="col">Cohort</th>
      {labels.map((label) => (
        <th scope="col">{label}</th>
      ))}
    </tr>
  </thead>
);

const SeriesRows: FC<Rows> = ({ data: { series }, options }) => {
  const labels = labelsOf(series, false);
  return (
    <table class="picture-table">
      <caption class="picture-hidden">{options.title}</caption>
      <CohortHead labels={labels} />
      <tbody>
        {series.map((each) => {
          const { values, format } = columnOf(each, options);
          const cells = labels.map((label) => cellOf(values.get(label), format));
          return <Row name={each.name} cells={cells} />;
        })}
      </tbody>
    </table>
  );
};

function columnOf(
  { name, data }: Series,
  options: PictureOptions,
): { readonly values: ReadonlyMap<string, PictureNumber>; readonly format: NumberFormat } {
  return { values: new Map(data), format: formatOf(name, options) };
}

/**
 * A row. Its cells are one text: 182,000, which the largest report has, would take seconds as
 * elements.
 */
const Row: FC<{
  readonly name: string;
  /** Of {@link cellOf}. */
  readonly cells: readonly string[];
}> = ({ name, cells }) => (
  <tr>
    <th scope="row">
      <bdi>{name === "" ? "(empty)" : name}</bdi>
    </th>
    {raw(cells.join(""))}
  </tr>
);

/** A cell: the number as it is read; where it is rounded, with all its digits as its title. */
function cellOf(value: PictureNumber | undefined, format: NumberFormat): string {
  // Texts of numbers have no character that would have to be escaped.
  if (value === undefined) return "<td></td>";
  const title = exactTitle(value, format);
  const attribute = title === undefined ? "" : ` title="${title}"`;
  return `<td${attribute}>${formatNumber(value, format)}</td>`;
}

/** All digits of a value that is shown rounded; undefined where it is shown as it is. */
export function exactTitle(
  value: PictureNumber,
  format: NumberFormat,
  decimalsMax?: number,
): string | undefined {
  return isShownWhole(value, format, decimalsMax) ? undefined : numberText(value);
}

/** `ScalarPicture`: one big number, or several with their names. */
export const ScalarPicture: FC<PictureOptions & { readonly data: ReportData }> = ({
  data,
  ...options
}) => {
  if (!isScalar(data) || data.item.length === 0) return <NoData {...options} />;
  const { labels = [] } = options;
  return (
    <figure class="picture" id={options.id}>
      <Caption {...options} />
      <dl class="picture-scalar">
        {data.item.map(({ value }, index) => {
          const label = labels[index] ?? (data.item.length === 1 ? "Value" : `Value ${index + 1}`);
          const format = formatOf(label, options);
          return (
            <div class="picture-scalar-item">
              <dt>
                <bdi>{label}</bdi>
              </dt>
              <dd>
                <data value={numberText(value)}>{formatNumber(value, format)}</data>
              </dd>
            </div>
          );
        })}
      </dl>
    </figure>
  );
};
