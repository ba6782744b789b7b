/** The document around every page of the console: head, navigation, main, and its headers. */
import type { Child, FC } from "hono/jsx";
import { documentOf, type Element, HTML_HEADERS, htmlOf } from "../html.ts";
import { NO_STORE } from "../http/answer.ts";
import type { Client } from "./clients/client.ts";
import type { ConsoleContext } from "./context.ts";
import { Csrf } from "./parts/forms.tsx";
import { Icon } from "./parts/icons.tsx";
import type { Session } from "./session/session.ts";

/** The parts of a client's own navigation, in its order. */
export const SECTIONS = [
  { name: "home", label: "Overview", path: "" },
  { name: "connect", label: "Connect", path: "/connect" },
  { name: "integrations", label: "Integrations", path: "/integrations" },
  { name: "tables", label: "Tables", path: "/tables" },
  { name: "exports", label: "Raw exports", path: "/exports" },
  { name: "figures", label: "Figures", path: "/figures" },
  { name: "charts", label: "Cohort charts", path: "/charts" },
  { name: "keys", label: "Export keys", path: "/export-keys" },
] as const;

/** One of them. */
export type Section = (typeof SECTIONS)[number]["name"];

/** What a page is about; all but the title may be absent. */
export interface View {
  /** The heading, and the beginning of the window's title. */
  readonly title: string;
  /** The client whose navigation is shown. */
  readonly client?: Client;
  readonly section?: Section;
  /** Where the page is within its section: links to what is above it. */
  readonly trail?: readonly { readonly label: string; readonly path: string }[];
  /** A sentence below the heading. */
  readonly lead?: Child;
  /** Buttons and links at the right of the heading. */
  readonly actions?: Child;
  /** Seconds after which a browser without script loads the page again. */
  readonly reloadSeconds?: number;
}

/** Everything comes from the service itself; nothing may frame it or post to elsewhere. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

/** The headers of every page. */
export const PAGE_HEADERS = {
  ...HTML_HEADERS,
  "Content-Security-Policy": POLICY,
  ...NO_STORE,
} as const;

/** Answers with a page. */
export function answerPage(context: ConsoleContext, view: View, content: Child, status = 200) {
  const { session } = context.var as { readonly session?: Session };
  return htmlAnswer(
    <Page {...view} session={session}>
      {content}
    </Page>,
    status,
  );
}

/** Answers with a part of a page, for the script that puts it in its place. */
export function answerPart(content: Child): Response {
  return new Response(htmlOf(<>{content}</>), { headers: PAGE_HEADERS });
}

/** A whole document as an answer. */
export function htmlAnswer(
  document: Element,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(documentOf(document), { status, headers: { ...PAGE_HEADERS, ...headers } });
}

type PageProps = View & { readonly session?: Session | undefined; readonly children?: Child };

/** The document; without a session it has no navigation. */
export const Page: FC<PageProps> = ({ children, ...view }) => {
  const { title, client, session, reloadSeconds } = view;
  const place = client === undefined ? "Headgate" : `${client.name} · Headgate`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${place}`}</title>
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/assets/console.css" />
        <link rel="stylesheet" href="/assets/picture.css" />
        <script src="/assets/console.js" defer />
        {reloadSeconds === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(reloadSeconds)} />
          </noscript>
        )}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Banner session={session} client={client} />
        <div class={client === undefined ? "frame" : "frame frame-wide"}>
          {client === undefined ? null : <ClientNavigation {...view} client={client} />}
          <main id="main" tabindex={-1}>
            <Heading {...view} />
            {children}
          </main>
        </div>
      </body>
    </html>
  );
};

const Banner: FC<{ session?: Session | undefined; client?: Client | undefined }> = ({
  session,
  client,
}) => (
  <header class="banner">
    <a class="brand" href="/console">
      <Icon name="gate" />
      <span>Headgate</span>
    </a>
    {client === undefined ? null : (
      <a class="banner-client" href={`/console/clients/${client.id}`}>
        <bdi>{client.name}</bdi> <span class="number">{client.id}</span>
      </a>
    )}
    <span class="space" />
    <a href="/docs">Documents</a>
    {session === undefined ? null : (
      <form method="post" action="/console/sign-out" class="inline">
        <Csrf session={session} />
        <button class="plain" type="submit" title={`Signed in by ${session.who}`}>
          Sign out
        </button>
      </form>
    )}
  </header>
);

const ClientNavigation: FC<View & { client: Client }> = ({ client, section }) => (
  <nav class="sections" aria-label="Client">
    <ul>
      {SECTIONS.map(({ name, label, path }) => (
        <li>
          <a
            href={`/console/clients/${client.id}${path}`}
            {...(name === section ? { "aria-current": "page" } : {})}
          >
            {label}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);

const Heading: FC<View> = ({ title, trail = [], lead, actions }) => (
  <div class="heading">
    {trail.length === 0 ? null : (
      <nav aria-label="Breadcrumb" class="trail">
        <ol>
          {trail.map(({ label, path }) => (
            <li>
              <a href={`/console${path}`}>{label}</a>
            </li>
          ))}
        </ol>
      </nav>
    )}
    <div class="heading-row">
      <h1>{title}</h1>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
    {lead === undefined ? null : <p class="lead">{lead}</p>}
  </div>
);
