/**
 * The documents: `/openapi.json`, and `/docs` rendered from it. They are public, hold nothing of
 * anybody, and work without script and without any other server.
 */
import { type Context, Hono } from "hono";
import type { FC } from "hono/jsx";
import { assetAnswer } from "../http/assets.ts";
import type { OpenApi } from "./openapi.ts";
import { ErrorsView } from "./pages/errors.tsx";
import { OperationView } from "./pages/operation.tsx";
import { answerPage } from "./pages/page.tsx";
import { DOCUMENT_PATH, operationsOf, placesOf, readDocument } from "./read.ts";
import { PAGES, type PageName } from "./surfaces.ts";

type DocsContext = Context<{ Bindings: Env }>;

/** `/openapi.json`: the asset, with its conditions. */
export function showDocument(context: DocsContext): Promise<Response> {
  return assetAnswer(context, DOCUMENT_PATH);
}

const counted = (count: number): string => (count === 1 ? "1 operation" : `${count} operations`);

const Start: FC<{ document: OpenApi; origin: string }> = ({ document, origin }) => (
  <>
    <div class="columns">
      {PAGES.map(({ name, title, lead }) => (
        <section class="panel">
          <h2>
            <a href={`/docs/${name}`}>{title}</a>
          </h2>
          <p>{lead}</p>
          <p class="hint">{counted(operationsOf(document, name).length)}</p>
        </section>
      ))}
      <section class="panel">
        <h2>
          <a href="/docs/errors">Errors</a>
        </h2>
        <p>Every refusal: its cause, what to do, and its body on each surface.</p>
      </section>
    </div>
    <section class="panel">
      <h2>What all have in common</h2>
      <ul class="plain">
        <li>
          The address of this deployment is <code>{origin}</code>. Programs that were written for
          Stitch, RJMetrics or Magento BI need nothing but this address.
        </li>
        <li>An import is answered with success when all its rows are durable.</li>
        <li>Numbers keep every digit, from the import to the file of an export.</li>
        <li>
          Every answer has the header <code>X-Request-Id</code>, by which the operator finds it in
          the log.
        </li>
        <li>
          Whoever sends too much gets a 429, or a 503 on the old imports, with{" "}
          <code>Retry-After</code>. <code>RateLimit-Policy</code> names the limit.
        </li>
        <li>GET paths take HEAD as well.</li>
      </ul>
    </section>
  </>
);

const SurfacePage: FC<{ document: OpenApi; origin: string; name: PageName }> = ({
  document,
  origin,
  name,
}) => {
  const operations = operationsOf(document, name);
  const places = placesOf(document, operations);
  return (
    <>
      <nav class="panel" aria-label="Operations">
        <ul class="operations">
          {operations.map(({ method, path, operation: { operationId, summary } }) => (
            <li>
              <a href={`#${operationId}`}>{summary}</a>
              <span class="hint">
                {method} <code>{path}</code>
              </span>
            </li>
          ))}
        </ul>
      </nav>
      {operations.map((placed) => (
        <OperationView document={document} origin={origin} placed={placed} places={places} />
      ))}
    </>
  );
};

const originOf = ({ req }: DocsContext): string => new URL(req.url).origin;

async function showStart(context: DocsContext): Promise<Response> {
  const document = await readDocument(context);
  const lead = "What this deployment takes and gives, by surface.";
  const content = <Start document={document} origin={originOf(context)} />;
  return answerPage({ title: "Documents", lead }, content);
}

async function showErrors(): Promise<Response> {
  const lead =
    "The old surfaces answer in the bodies of the services they replace, without the code. A text in capitals and angle brackets stands for a value.";
  return answerPage({ name: "errors", title: "Errors", lead }, <ErrorsView />);
}

/** The documents, to be mounted at `/docs`. */
export const docsApp = new Hono<{ Bindings: Env }>();

docsApp.get("/", showStart);
docsApp.get("/errors", showErrors);
for (const { name, title, lead } of PAGES) {
  docsApp.get(`/${name}`, async (context) => {
    const document = await readDocument(context);
    const origin = originOf(context);
    const content = <SurfacePage document={document} origin={origin} name={name} />;
    return answerPage({ name, title, lead }, content);
  });
}
