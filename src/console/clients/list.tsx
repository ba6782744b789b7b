/** `/console`: the clients, and a form for a new one. */
import { api, attempt } from "../api.ts";
import { type ConsoleContext, type ConsoleRoute, seeOther } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Grid, Panel, Time, ToNew } from "../parts/display.tsx";
import { FormError, PostForm, Submit, TextField } from "../parts/forms.tsx";
import { FirstOf, isFound, NameSearch } from "../parts/search.tsx";
import { formOf } from "../session/form.ts";
import type { Client } from "./client.ts";

type Listed = Omit<Client, "imports">;

/** Clients of one page, and how many need no search. */
const CLIENTS_SHOWN_MAX = 500;
const SEARCHED_MIN = 10;

/** What the form says, to be shown again. */
interface Asked {
  readonly name: string;
  readonly id: string;
  readonly timeZone: string;
  readonly reason?: string;
}

const NOTHING: Asked = { name: "", id: "", timeZone: "" };

async function showClients(context: ConsoleContext, asked = NOTHING): Promise<Response> {
  const { clients } = await api<{ clients: Listed[] }>(context, "GET", "/clients");
  const searched = context.req.query("name")?.trim() ?? "";
  const found = clients.filter(({ id, name }) => isFound([name, String(id)], searched));
  const status = asked.reason === undefined ? 200 : 422;
  const view = {
    title: "Clients",
    lead: "A client is one customer with data of its own.",
    actions: <ToNew>New client</ToNew>,
  };
  return answerPage(
    context,
    view,
    <>
      <Panel title="All clients">
        {clients.length === 0 ? (
          <Empty>
            <p>There is no client yet. Create the first one below.</p>
          </Empty>
        ) : (
          <>
            {clients.length > SEARCHED_MIN ? (
              <NameSearch action="" label="Name or id contains" searched={searched} />
            ) : null}
            <FirstOf found={found.length} shownMax={CLIENTS_SHOWN_MAX} what="clients" />
            {found.length === 0 ? (
              <p>No client has a name or an id with “{searched}”.</p>
            ) : (
              <ClientGrid clients={found.slice(0, CLIENTS_SHOWN_MAX)} />
            )}
          </>
        )}
      </Panel>
      <NewClient session={context.var.session} asked={asked} />
    </>,
    status,
  );
}

const ClientGrid = ({ clients }: { readonly clients: readonly Listed[] }) => (
  <Grid
    caption="Clients"
    rows={clients}
    columns={[
      { head: "Name", cell: ({ id, name }) => <a href={`/console/clients/${id}`}>{name}</a> },
      { head: "Client id", cell: ({ id }) => id, isNumber: true },
      { head: "Time zone", cell: ({ time_zone }) => time_zone },
      { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
    ]}
  />
);

const NewClient = (props: { session: ConsoleContext["var"]["session"]; asked: Asked }) => {
  const { name, id, timeZone, reason } = props.asked;
  return (
    <Panel title="New client" id="new">
      <PostForm session={props.session} action="/clients">
        <FormError reason={reason} />
        <TextField label="Name" name="name" value={name} required autocomplete="off" />
        <TextField
          label="Client id"
          name="id"
          value={id}
          inputmode="numeric"
          autocomplete="off"
          hint="4 to 6 digits, as the programs of this client have it. Empty: a free one is chosen."
        />
        <TextField
          label="Time zone"
          name="time_zone"
          value={timeZone}
          placeholder="UTC"
          autocomplete="off"
          hint="An IANA name like America/New_York: by it times are shown to the client's programs."
        />
        <Submit>Create the client</Submit>
      </PostForm>
    </Panel>
  );
};

async function createClient(context: ConsoleContext): Promise<Response> {
  const form = await formOf(context);
  const [name, id, timeZone] = ["name", "id", "time_zone"].map(
    (field) => form.get(field)?.[0]?.trim() ?? "",
  ) as [string, string, string];
  const body = {
    name,
    // What is no number is sent as it is: the API says what an id must be.
    ...(id === "" ? {} : { id: /^\d+$/.test(id) ? Number(id) : id }),
    ...(timeZone === "" ? {} : { time_zone: timeZone }),
  };
  const created = await attempt(api<Listed>(context, "POST", "/clients", body));
  if (!created.ok) return showClients(context, { name, id, timeZone, reason: created.reason });
  return seeOther(context, `/clients/${created.value.id}`);
}

/** The paths of the list of clients. */
export const clientListRoutes: readonly ConsoleRoute[] = [
  { path: "/", methods: { GET: (context) => showClients(context) } },
  { path: "/clients", methods: { GET: (context) => showClients(context), POST: createClient } },
];
