/** Reads the markup of a picture: whether it is well formed, and what is in it. */
import { jsx } from "hono/jsx";
import { type ReportPictureProps, ReportPicture } from "../../../src/console/picture/picture.tsx";
import { readReportData, type ReportData } from "../../../src/console/picture/data.ts";

/** An element with its attributes and the text in it, that of its children included. */
export interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  text: string;
  readonly parents: readonly string[];
}

const TOKEN = /<(\/?)([a-zA-Z]+)((?:\s+[a-zA-Z:-]+(?:="[^"<>]*")?)*)\s*(\/?)>|([^<]+)|(<)/g;
const ATTRIBUTE = /([a-zA-Z:-]+)(?:="([^"]*)")?/g;

/** The elements of a text in their order; throws where it is not well formed. */
export function elementsOf(markup: string): readonly Element[] {
  const all: Element[] = [];
  const open: Element[] = [];
  for (const [, close, tag = "", attributes = "", isEmpty, text, stray] of markup.matchAll(TOKEN)) {
    if (stray !== undefined) throw new Error("a < that begins no tag");
    if (text !== undefined) {
      for (const element of open) element.text += unescaped(text);
    } else if (close === "/") {
      const last = open.pop();
      if (last?.tag !== tag) throw new Error(`</${tag}> closes ${last?.tag ?? "nothing"}`);
    } else {
      const parents = open.map(({ tag: parent }) => parent);
      const element = { tag, attributes: attributesOf(attributes), text: "", parents };
      all.push(element);
      if (isEmpty !== "/") open.push(element);
    }
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ tag }) => tag).join(" ")}`);
  return all;
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(ATTRIBUTE)];
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, unescaped(value)]));
}

function unescaped(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`an & that is none: ${text}`);
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

/** A rendered picture. */
export interface Picture {
  readonly markup: string;
  readonly elements: readonly Element[];
  /** The elements that have a class. */
  readonly of: (name: string) => readonly Element[];
  /** The elements of a tag. */
  readonly tags: (name: string) => readonly Element[];
}

/** Renders a picture of data, or of their JSON text. */
export function pictureOf(
  props: Partial<Omit<ReportPictureProps, "data">> & { readonly data: ReportData | string },
): Picture {
  const { data } = props;
  const read = typeof data === "string" ? readReportData(data) : data;
  const whole = { kind: "line", id: "p", title: "Title", ...props, data: read } as const;
  const markup = String(jsx(ReportPicture, whole));
  const elements = elementsOf(markup);
  return {
    markup,
    elements,
    of: (name) =>
      elements.filter(({ attributes }) => (attributes["class"] ?? "").split(" ").includes(name)),
    tags: (name) => elements.filter(({ tag }) => tag === name),
  };
}

/** The JSON text of series. */
export function seriesText(
  series: Readonly<Record<string, readonly (readonly [string, number | string])[]>>,
  type = "chart",
): string {
  // Values that are texts are numbers of any length.
  const all = Object.entries(series).map(([name, data]) => {
    const points = data.map(([label, value]) => `[${JSON.stringify(label)},${value}]`);
    return `{"name":${JSON.stringify(name)},"data":[${points.join(",")}]}`;
  });
  return `{"chart":{"type":"${type}"},"series":[${all.join(",")}]}`;
}

/** The first days of so many months from January 2018 on. */
export function months(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const month = String((index % 12) + 1).padStart(2, "0");
    return `${2018 + Math.floor(index / 12)}-${month}-01`;
  });
}

/** The days from 2010 on. */
export function days(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(Date.UTC(2010, 0, 1 + index)).toISOString().slice(0, 10),
  );
}
