/** The picture of a report, and what was left out of it; a refusal stands in its place. */
import type { FC } from "hono/jsx";
import { isObject, type Json, parseExact, stringifyExact } from "../../json/exact.ts";
import { Chart } from "../../report/definition/cohort.ts";
import { Figure } from "../../report/definition/figure.ts";
import { ApiError, callApi } from "../api.ts";
import type { ConsoleContext } from "../context.ts";
import { Notice, counted } from "../parts/display.tsx";
import { readReportData, type ReportData } from "../picture/data.ts";
import { type PictureKind, shownChart, shownFigure } from "../picture/options.ts";
import { ReportPicture } from "../picture/picture.tsx";
import type { ReportName } from "./kinds.ts";

/** The data of a report, or why there are none. */
export type Reckoned =
  | { readonly data: ReportData; readonly notDates: number; readonly notNumbers: number }
  | { readonly refusal: string };

/**
 * The data of a stored report, or of a definition.
 *
 * @param path relative to the admin API: `…/figures/17/data`, or `…/figures/preview`.
 * @param definition JSON text; it makes a preview.
 * @throws ApiError where there is no such report, or the service is in trouble.
 */
export async function reckon(
  context: ConsoleContext,
  path: string,
  definition?: string,
): Promise<Reckoned> {
  try {
    const isPreview = definition !== undefined;
    const answer = await callApi(context, isPreview ? "POST" : "GET", path, definition);
    return reckonedOf(parseExact(await answer.text()));
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isRefusal || error.status === 404) throw error;
    return { refusal: error.message };
  }
}

function reckonedOf(answer: Json): Reckoned {
  if (!isObject(answer) || !isObject(answer["left_out"])) throw new Error("a report has no data");
  const { data = null, left_out: left } = answer;
  return {
    data: readReportData(stringifyExact(data)),
    notDates: Number(left["not_dates"]),
    notNumbers: Number(left["not_numbers"]),
  };
}

interface ReportViewProps {
  readonly name: ReportName;
  readonly reckoned: Reckoned;
  /** As it is stored or was typed; where it was refused, it is not looked at. */
  readonly definition: string;
  /** In place of what the definition says. */
  readonly kind?: PictureKind | undefined;
  /** Whether it comes into a page that is there already: a refusal is read out then. */
  readonly isPart?: boolean;
}

/** The picture; for a chart the heat table, then the lines. */
export const ReportView: FC<ReportViewProps> = (props) => {
  const { name, reckoned, definition, kind, isPart = false } = props;
  if ("refusal" in reckoned) return <Refusal text={reckoned.refusal} isPart={isPart} />;
  const { data } = reckoned;
  return (
    <div class="stack report-view">
      {name === "figure" ? (
        <FigurePicture definition={definition} data={data} kind={kind} />
      ) : (
        <ChartPictures definition={definition} data={data} />
      )}
      <LeftOut {...reckoned} />
    </div>
  );
};

const Refusal: FC<{ text: string; isPart: boolean }> = ({ text, isPart }) => (
  <Notice kind="bad" alert={isPart}>
    <p>
      <strong>There is no picture.</strong>
    </p>
    <p>{text}</p>
  </Notice>
);

interface PictureProps {
  readonly definition: string;
  readonly data: ReportData;
  readonly kind?: PictureKind | undefined;
}

const FigurePicture: FC<PictureProps> = ({ definition, data, kind }) => {
  const shown = shownFigure(Figure.parse(parseExact(definition)));
  return <ReportPicture id="picture" data={data} {...shown} kind={kind ?? shown.kind} />;
};

/** What a figure's definition says that it is. */
export function definedKind(definition: string): PictureKind {
  return shownFigure(Figure.parse(parseExact(definition))).kind;
}

const ChartPictures: FC<PictureProps> = ({ definition, data }) => {
  const shown = shownChart(Chart.parse(parseExact(definition)));
  return (
    <>
      <ReportPicture id="heat" data={data} {...shown} kind="heat" />
      <ReportPicture
        id="lines"
        data={data}
        {...shown}
        title={`${shown.title}, as lines`}
        kind="line"
      />
    </>
  );
};

const LeftOut: FC<{ notDates: number; notNumbers: number }> = ({ notDates, notNumbers }) => {
  if (notDates === 0 && notNumbers === 0) return null;
  const parts = [
    ...(notDates === 0 ? [] : [`${valuesText(notDates)} no ${notDates === 1 ? "date" : "dates"}`]),
    ...(notNumbers === 0
      ? []
      : [`${valuesText(notNumbers)} no ${notNumbers === 1 ? "number" : "numbers"}`]),
  ];
  return (
    <Notice kind="warn">
      <p>Left out: {parts.join(", and ")}.</p>
    </Notice>
  );
};

const valuesText = (count: number): string =>
  count === 1 ? "1 value that is" : `${counted(count)} values that are`;
