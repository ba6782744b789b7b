/** The curl line of an operation, to be copied into a shell. */
import type { MediaType, OpenApi, OperationObject } from "./openapi.ts";
import { exampleText, examplesOf, type Placed } from "./read.ts";

/** What a line has in place of a credential: a variable of the shell. */
const CREDENTIALS: Readonly<Record<string, string>> = {
  importToken: "$IMPORT_TOKEN",
  importKey: "$IMPORT_TOKEN",
  exportKey: "$EXPORT_KEY",
  adminToken: "$ADMIN_TOKEN",
};

/**
 * The line, with the examples of the document.
 *
 * @param origin of this deployment: `https://headgate.example`.
 */
export function curlOf(document: OpenApi, origin: string, placed: Placed): string {
  const { method, operation } = placed;
  const parts = ["curl -sS", address(document, origin, placed)];
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  // POST goes without saying where there is data.
  const data = media === undefined ? undefined : dataOf(document, type ?? "", media);
  if (method !== "GET" && !(method === "POST" && data !== undefined)) parts.push(`-X ${method}`);
  parts.push(...credentialHeaders(document, operation));
  if (type !== undefined && data !== undefined && !type.includes("urlencoded")) {
    parts.push(`-H 'Content-Type: ${type}'`);
  }
  if (data !== undefined) parts.push(data);
  if (isFile(operation)) parts.push("-o export.zip");
  return parts.join(" \\\n  ");
}

function address(document: OpenApi, origin: string, { path, operation }: Placed): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const found = operation.parameters.find((one) => one.in === "path" && one.name === name);
    return encodeURIComponent(exampleText(found?.example ?? name));
  });
  const { importKey } = operation.security[0] ?? {};
  const isByQuery = importKey !== undefined;
  const name = document.components.securitySchemes["importKey"]?.name ?? "apikey";
  const key = isByQuery ? `?${name}=${CREDENTIALS["importKey"] ?? ""}` : "";
  return `"${origin}${filled}${key}${queryOf(operation, isByQuery)}"`;
}

/** The query of a first call: keys make the table that is not there yet. */
function queryOf({ parameters }: OperationObject, hasQuery: boolean): string {
  const keys = parameters.find((one) => one.in === "query" && one.name === "keys");
  if (keys === undefined) return "";
  return `${hasQuery ? "&" : "?"}keys=${exampleText(keys.example)}`;
}

function credentialHeaders({ components }: OpenApi, { security }: OperationObject): string[] {
  const [name] = Object.keys(security[0] ?? {});
  const scheme = name === undefined ? undefined : components.securitySchemes[name];
  if (name === undefined || scheme === undefined || scheme.in === "query") return [];
  const value = CREDENTIALS[name] ?? "";
  if (scheme.type === "http") return [`-H "Authorization: Bearer ${value}"`];
  return [`-H "${scheme.name ?? ""}: ${value}"`];
}

function dataOf(document: OpenApi, type: string, media: MediaType): string | undefined {
  const [, example] = examplesOf(document, media)[0] ?? [];
  const value = example?.value;
  if (value === undefined) return undefined;
  if (typeof value === "string") return `--data-binary ${quotedText(value)}`;
  if (!type.includes("urlencoded")) return `-d ${quotedText(JSON.stringify(value))}`;
  const form = new URLSearchParams(Object.entries(value as Record<string, string>)).toString();
  return form === "" ? undefined : `-d ${quotedText(form)}`;
}

/** For the shell, in single quotes. */
function quotedText(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function isFile({ responses }: OperationObject): boolean {
  const ok = responses["200"];
  return ok !== undefined && "content" in ok && ok.content?.["application/zip"] !== undefined;
}
