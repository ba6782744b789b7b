/** The document around every page of /docs: head, navigation, main, and its headers. */
import type { Child, FC } from "hono/jsx";
import { documentOf, HTML_HEADERS } from "../../html.ts";
import { ASSET_FRESH_S } from "../../http/assets.ts";
import { PAGES } from "../surfaces.ts";

/** Pages have no script, and nothing from elsewhere. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const HEADERS = {
  ...HTML_HEADERS,
  "Content-Security-Policy": POLICY,
  "Cache-Control": `public, max-age=${ASSET_FRESH_S}`,
} as const;

interface View {
  /** The name in the address; absent for the start. */
  readonly name?: string;
  readonly title: string;
  readonly lead: Child;
}

const LINKS = [
  { name: undefined, title: "Start", path: "/docs" },
  ...PAGES.map(({ name, title }) => ({ name, title, path: `/docs/${name}` })),
  { name: "errors", title: "Errors", path: "/docs/errors" },
];

/** Answers with a page. */
export function answerPage(view: View, content: Child, status = 200): Response {
  const text = documentOf(<Page {...view}>{content}</Page>);
  return new Response(text, { status, headers: HEADERS });
}

const Page: FC<View & { children?: Child }> = ({ name, title, lead, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${title} · Headgate documents`}</title>
      <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      <link rel="stylesheet" href="/assets/console.css" />
      <link rel="stylesheet" href="/assets/docs.css" />
    </head>
    <body>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="banner">
        <a class="brand" href="/docs">
          <span>Headgate</span>
        </a>
        <span class="space" />
        <a href="/openapi.json">openapi.json</a>
        <a href="/console">Console</a>
      </header>
      <div class="frame frame-wide">
        <nav class="sections" aria-label="Documents">
          <ul>
            {LINKS.map((link) => (
              <li>
                <a href={link.path} {...(link.name === name ? { "aria-current": "page" } : {})}>
                  {link.title}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <main id="main" tabindex={-1}>
          <div class="heading">
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
          </div>
          {children}
        </main>
      </div>
    </body>
  </html>
);
