/** The first step of the builder, where no table is known. */
import { clientOf } from "../clients/client.ts";
import type { ConsoleContext } from "../context.ts";
import { answerPage } from "../page.tsx";
import { Empty, Panel } from "../parts/display.tsx";
import { SelectField, Submit } from "../parts/forms.tsx";
import { trailOf } from "./builder-page.tsx";
import { listPath, type ReportWords } from "./kinds.ts";
import { tableChoices } from "./tables.ts";

/** Asks for the table of a new report. */
export async function chooseTable(context: ConsoleContext, words: ReportWords): Promise<Response> {
  const [client, choices] = await Promise.all([clientOf(context), tableChoices(context)]);
  const list = listPath(context, words);
  return answerPage(
    context,
    {
      title: `New ${words.one}`,
      client,
      section: words.section,
      trail: trailOf(list, words.Many, {}),
    },
    <Panel title="Which table?">
      {choices.length === 0 ? (
        <Empty>
          <p>There is no table yet: nothing was imported.</p>
        </Empty>
      ) : (
        <form method="get" action={`/console${list}/new`} class="form">
          <SelectField label="Table" name="table" choices={choices} />
          <Submit>Go on</Submit>
        </form>
      )}
    </Panel>,
  );
}
