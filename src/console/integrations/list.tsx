/** `/console/clients/:cid/integrations`: the integrations of a client, and a form for a new one. */
import type { FC } from "hono/jsx";
import { api, attempt } from "../api.ts";
import { clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Grid, Panel, Time, ToNew } from "../parts/display.tsx";
import { FormError, PostForm, SelectField, Submit, TextField } from "../parts/forms.tsx";
import { formOf } from "../session/form.ts";

/** An element of `GET …/integrations`. */
export interface Integration {
  readonly id: number;
  readonly name: string;
  readonly nested_values: "json" | "tables";
  readonly created_at: string;
}

/** How nested values are loaded, in words. */
export const NESTED: Readonly<Record<Integration["nested_values"], string>> = {
  json: "as JSON text in one column",
  tables: "as columns and subtables",
};

interface Asked {
  readonly name: string;
  readonly nested: string;
  readonly reason?: string;
}

const NOTHING: Asked = { name: "", nested: "json" };

/** All integrations of the client of the path. */
export async function integrationsOf(context: ConsoleContext): Promise<Integration[]> {
  const path = `/clients/${pathId(context, "cid")}/integrations`;
  return (await api<{ integrations: Integration[] }>(context, "GET", path)).integrations;
}

async function showIntegrations(context: ConsoleContext, asked = NOTHING): Promise<Response> {
  const [client, integrations] = await Promise.all([clientOf(context), integrationsOf(context)]);
  const view = {
    title: "Integrations",
    client,
    section: "integrations",
    lead: "An integration is one source of data: one set of tables, written with its tokens.",
    actions: <ToNew>New integration</ToNew>,
  } as const;
  const home = `/console/clients/${client.id}/integrations`;
  return answerPage(
    context,
    view,
    <>
      <Panel title="All integrations">
        {integrations.length === 0 ? (
          <Empty>
            <p>There is none yet. Create the first one below, then a token for it.</p>
          </Empty>
        ) : (
          <Grid
            caption="Integrations"
            rows={integrations}
            columns={[
              { head: "Name", cell: ({ id, name }) => <a href={`${home}/${id}`}>{name}</a> },
              { head: "Id", cell: ({ id }) => id, isNumber: true },
              { head: "Nested values", cell: ({ nested_values }) => NESTED[nested_values] },
              { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
            ]}
          />
        )}
      </Panel>
      <NewIntegration context={context} cid={client.id} asked={asked} />
    </>,
    asked.reason === undefined ? 200 : 422,
  );
}

const NewIntegration: FC<{ context: ConsoleContext; cid: number; asked: Asked }> = (props) => {
  const { context, cid, asked } = props;
  return (
    <Panel title="New integration" id="new">
      <PostForm session={context.var.session} action={`/clients/${cid}/integrations`}>
        <FormError reason={asked.reason} />
        <TextField label="Name" name="name" value={asked.name} required autocomplete="off" />
        <SelectField
          label="Nested values are stored"
          name="nested_values"
          value={asked.nested}
          hint="Fixed with the integration. Subtables are what Stitch makes of objects and arrays."
          choices={Object.entries(NESTED).map(([value, label]) => ({ value, label }))}
        />
        <Submit>Create the integration</Submit>
      </PostForm>
    </Panel>
  );
};

async function createIntegration(context: ConsoleContext): Promise<Response> {
  const cid = pathId(context, "cid");
  const form = await formOf(context);
  const name = form.get("name")?.[0] ?? "";
  const nested = form.get("nested_values")?.[0] ?? "json";
  const body = { name, nested_values: nested };
  const path = `/clients/${cid}/integrations`;
  const created = await attempt(api<Integration>(context, "POST", path, body));
  if (!created.ok) return showIntegrations(context, { name, nested, reason: created.reason });
  return seeOther(context, `${path}/${created.value.id}`);
}

/** The path of the list. */
export const integrationListRoutes: readonly ConsoleRoute[] = [
  {
    path: "/clients/:cid/integrations",
    methods: { GET: (context) => showIntegrations(context), POST: createIntegration },
  },
];
