/** `/console/clients/:cid/export-keys`: keys of the Export API with the addresses they are for. */
import type { FC } from "hono/jsx";
import { api, attempt, refusalOf, remove } from "../api.ts";
import { clientOf } from "../clients/client.ts";
import { type ConsoleContext, type ConsoleRoute, pathId, seeOther } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Grid, Notice, Panel, Time, ToNew } from "../parts/display.tsx";
import { Danger, FormError, PostForm, Submit, TextArea, TextField } from "../parts/forms.tsx";
import { Secret } from "../parts/secret.tsx";
import { formOf } from "../session/form.ts";
import type { Session } from "../session/session.ts";

interface ExportKey {
  readonly id: number;
  readonly name: string;
  readonly allowed_ips: readonly string[];
  readonly created_at: string;
}

/** What a form says, to be shown again; `id` is of the key that it changes. */
interface Asked {
  readonly id?: number;
  readonly name: string;
  readonly addresses: string;
  readonly reason?: string | undefined;
}

/** What the page says besides the keys. */
interface News {
  readonly key?: string;
  readonly asked?: Asked;
}

const pathOf = (context: ConsoleContext): string =>
  `/clients/${pathId(context, "cid")}/export-keys`;

const ADDRESSES_HINT =
  "One address or range to a line: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32. 0.0.0.0/0 lets everybody in. An empty list lets nobody in.";

async function showKeys(context: ConsoleContext, { key, asked }: News = {}): Promise<Response> {
  const [client, { export_keys: keys }] = await Promise.all([
    clientOf(context),
    api<{ export_keys: ExportKey[] }>(context, "GET", pathOf(context)),
  ]);
  const view = {
    title: "Export keys",
    client,
    section: "keys",
    lead: "A key reads this client's tables, exports and reports over the Export API, from the addresses of its list.",
    actions: <ToNew>New key</ToNew>,
  } as const;
  const { session } = context.var;
  return answerPage(
    context,
    view,
    <>
      {key === undefined ? null : <Secret what="The new export key." secret={key} />}
      <Panel title="All keys">
        <KeyGrid session={session} path={pathOf(context)} keys={keys} asked={asked} />
      </Panel>
      <Panel title="New key" id="new">
        <KeyForm
          session={session}
          action={pathOf(context)}
          asked={asked?.id === undefined ? asked : undefined}
          prefix=""
          submit="Create the key"
        />
      </Panel>
    </>,
    asked?.reason === undefined ? 200 : 422,
  );
}

interface KeysProps {
  readonly session: Session;
  readonly path: string;
  readonly keys: readonly ExportKey[];
  readonly asked: Asked | undefined;
}

const KeyGrid: FC<KeysProps> = ({ session, path, keys, asked }) => {
  if (keys.length === 0) {
    return (
      <Empty>
        <p>There is no key: no program can export this client's data.</p>
      </Empty>
    );
  }
  return (
    <Grid
      caption="Export keys"
      rows={keys}
      columns={[
        { head: "Name", cell: ({ name }) => name },
        { head: "Addresses", cell: (key) => <Addresses list={key.allowed_ips} /> },
        { head: "Created", cell: ({ created_at }) => <Time at={created_at} /> },
        {
          head: "Change or revoke",
          hideHead: true,
          cell: (key) => (
            <div class="stack">
              <ChangeKey session={session} path={path} item={key} asked={asked} />
              <Danger
                session={session}
                action={`${path}/${key.id}/revoke`}
                open="Revoke…"
                about={key.name}
                confirm={`Revoke ${key.name}`}
              >
                <Notice kind="warn">
                  <p>
                    Programs with this key are refused from then on. Give them another one first.
                  </p>
                </Notice>
              </Danger>
            </div>
          ),
        },
      ]}
    />
  );
};

const Addresses: FC<{ list: readonly string[] }> = ({ list }) =>
  list.length === 0 ? (
    <span>nobody</span>
  ) : (
    <ul class="plain-list">
      {list.map((address) => (
        <li>
          <code>{address}</code>
        </li>
      ))}
    </ul>
  );

const ChangeKey: FC<{
  session: Session;
  path: string;
  item: ExportKey;
  asked: Asked | undefined;
}> = ({ session, path, item, asked }) => {
  const own = asked?.id === item.id ? asked : undefined;
  const shown = own ?? { name: item.name, addresses: item.allowed_ips.join("\n") };
  return (
    <details open={own !== undefined}>
      <summary>
        Change…<span class="hidden"> {item.name}</span>
      </summary>
      <KeyForm
        session={session}
        action={`${path}/${item.id}`}
        asked={shown}
        prefix={`key-${item.id}-`}
        submit={`Save ${item.name}`}
      />
    </details>
  );
};

interface KeyFormProps {
  readonly session: Session;
  readonly action: string;
  readonly asked: Asked | undefined;
  /** Before the names of the fields: there are several such forms on the page. */
  readonly prefix: string;
  readonly submit: string;
}

const KeyForm: FC<KeyFormProps> = ({ session, action, asked, prefix, submit }) => (
  <PostForm session={session} action={action}>
    <FormError reason={asked?.reason} />
    <TextField
      label="Name"
      name={`${prefix}name`}
      value={asked?.name}
      required
      autocomplete="off"
      hint="Which program it is for."
    />
    <TextArea
      label="Addresses that may use it"
      name={`${prefix}addresses`}
      value={asked?.addresses}
      hint={ADDRESSES_HINT}
    />
    <Submit>{submit}</Submit>
  </PostForm>
);

/** The form's words, whatever stands before the names of its fields. */
async function askedBy(context: ConsoleContext, prefix: string): Promise<Asked> {
  const form = await formOf(context);
  const value = (name: string): string => form.get(`${prefix}${name}`)?.[0] ?? "";
  return { name: value("name"), addresses: value("addresses") };
}

/** The body of the admin API. */
function bodyOf({ name, addresses }: Asked): { name: string; allowed_ips: string[] } {
  const lines = addresses.split(/[\s,]+/).filter((line) => line !== "");
  return { name, allowed_ips: lines };
}

async function createKey(context: ConsoleContext): Promise<Response> {
  const asked = await askedBy(context, "");
  const created = await attempt(
    api<{ key: string }>(context, "POST", pathOf(context), bodyOf(asked)),
  );
  if (!created.ok) return showKeys(context, { asked: { ...asked, reason: created.reason } });
  return showKeys(context, { key: created.value.key });
}

async function changeKey(context: ConsoleContext): Promise<Response> {
  const id = pathId(context, "id");
  const asked = await askedBy(context, `key-${id}-`);
  const path = `${pathOf(context)}/${id}`;
  const reason = await refusalOf(api(context, "PATCH", path, bodyOf(asked)));
  if (reason === undefined) return seeOther(context, pathOf(context));
  return showKeys(context, { asked: { ...asked, id: Number(id), reason } });
}

async function revokeKey(context: ConsoleContext): Promise<Response> {
  await remove(context, `${pathOf(context)}/${pathId(context, "id")}`);
  return seeOther(context, pathOf(context));
}

const PATH = "/clients/:cid/export-keys";

/** The paths of export keys. */
export const keyRoutes: readonly ConsoleRoute[] = [
  { path: PATH, methods: { GET: (context) => showKeys(context), POST: createKey } },
  { path: `${PATH}/:id`, methods: { POST: changeKey } },
  { path: `${PATH}/:id/revoke`, methods: { POST: revokeKey } },
];
