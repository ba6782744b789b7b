/** The file of an export, as the export surface and the admin API give it. */
import * as z from "zod";
import type { Answer, Parameter } from "../operation.ts";

const header = (name: string, description: string, example: string): Parameter => ({
  in: "header",
  name,
  description,
  schema: z.string().optional(),
  example,
});

/** What a request can say to go on with a download. */
export const FILE_HEADERS: readonly Parameter[] = [
  header("Range", "Bytes of the file, one range.", "bytes=0-99"),
  header("If-Range", "The file that Range is for, by its ETag or Last-Modified.", '"abc"'),
  header("If-Match", "Only this file, by its ETag.", '"abc"'),
  header("If-None-Match", "Only another file than this.", '"abc"'),
  header("If-Modified-Since", "Only a newer file.", "Sat, 31 Jan 2026 09:00:01 GMT"),
  header("If-Unmodified-Since", "Only a file that is not newer.", "Sat, 31 Jan 2026 09:00:01 GMT"),
];

/** The answers with the file. */
export const FILE_ANSWERS: Readonly<Record<number, Answer>> = {
  200: {
    description: "The file.",
    headers: ["Content-Disposition", "ETag", "Accept-Ranges"],
    content: { "application/zip": {} },
  },
  206: {
    description: "The range of the file.",
    headers: ["Content-Range", "ETag"],
    content: { "application/zip": {} },
  },
  304: { description: "The file is the one that the request knows." },
};
