/** The page of the builder: a picture beside the form, or the JSON text, that it follows. */
import type { FC } from "hono/jsx";
import { clientOf } from "../clients/client.ts";
import type { ConsoleContext } from "../context.ts";
import { answerPage, type View } from "../page.tsx";
import { Notice } from "../parts/display.tsx";
import { type Choice, FormError, PostForm, Submit, TextArea } from "../parts/forms.tsx";
import type { Session } from "../session/session.ts";
import { type Draft, draftInBounds, textOf } from "./draft.ts";
import { listPath, type ReportKind } from "./kinds.ts";
import { tableChoices } from "./tables.ts";
import { reckon, ReportView } from "./view.tsx";

/** The report that the page is about; a new one has no id yet. */
export interface Target {
  readonly id?: string;
  readonly name?: string;
}

/**
 * The page: the picture, then the form or the JSON text.
 *
 * @param reason why the draft was not stored; it stands above the form, with status 422.
 */
export async function showBuilder<Asked>(
  context: ConsoleContext,
  kind: ReportKind<Asked>,
  target: Target,
  draft: Draft<Asked>,
  reason?: string,
): Promise<Response> {
  const { words } = kind;
  const list = listPath(context, words);
  const text = textOf(kind, draft);
  const [client, choices] = await Promise.all([clientOf(context), tableChoices(context)]);
  const reckoned = await reckon(context, `${list}/preview`, text);
  const { id, name } = target;
  return answerPage(
    context,
    {
      title: id === undefined ? `New ${words.one}` : `Edit ${name}`,
      client,
      section: words.section,
      trail: trailOf(list, words.Many, target),
    },
    <div class="builder">
      <section class="panel builder-picture" aria-label="Picture">
        <div id="preview">
          <ReportView name={words.name} reckoned={reckoned} definition={text} />
        </div>
      </section>
      <DraftForm
        session={context.var.session}
        list={list}
        target={target}
        kind={kind}
        draft={draftInBounds(kind, draft)}
        choices={choices}
        reason={reason}
      />
    </div>,
    reason === undefined ? 200 : 422,
  );
}

interface DraftFormProps<Asked> {
  readonly session: Session;
  readonly list: string;
  readonly target: Target;
  readonly kind: ReportKind<Asked>;
  readonly draft: Draft<Asked>;
  readonly choices: readonly Choice[];
  readonly reason: string | undefined;
}

function DraftForm<Asked>(props: DraftFormProps<Asked>) {
  const { session, list, target, kind, draft, choices, reason } = props;
  const { id } = target;
  return (
    <PostForm
      session={session}
      action={id === undefined ? `${list}/new` : `${list}/${id}/edit`}
      class="panel form builder-form"
      preview={`${list}/preview`}
    >
      <FormError reason={reason} />
      <Buttons isJson={"json" in draft} />
      {"json" in draft ? (
        <JsonFields {...draft} />
      ) : (
        <kind.Fields asked={draft.asked} tables={draft.tables} choices={choices} />
      )}
      <div class="row">
        <Submit>Save</Submit>
      </div>
    </PostForm>
  );
}

/** Where a page of the builder is. */
export function trailOf(list: string, many: string, { id, name }: Target): View["trail"] {
  const all = { label: many, path: list };
  if (id === undefined || name === undefined) return [all];
  return [all, { label: name, path: `${list}/${id}` }];
}

/** The first button is the one that Enter presses: it changes nothing. */
const Buttons: FC<{ isJson: boolean }> = ({ isJson }) => (
  <div class="row">
    <button type="submit" name="step" value="show" class="button">
      Show
    </button>
    <Submit>Save</Submit>
    <span class="space" />
    <button type="submit" name="step" value={isJson ? "form" : "json"} class="plain">
      {isJson ? "Use the form" : "Edit as JSON"}
    </button>
  </div>
);

const JsonFields: FC<{ json: string; note?: string | undefined }> = ({ json, note }) => (
  <>
    {note === undefined ? null : (
      <Notice kind="info">
        <p>{note} So the definition is edited as JSON.</p>
      </Notice>
    )}
    <TextArea
      label="Definition"
      name="json"
      value={json}
      rows={28}
      hint={
        <>
          Its members are in the <a href="/docs">documents</a>, under Reports.
        </>
      }
    />
  </>
);
