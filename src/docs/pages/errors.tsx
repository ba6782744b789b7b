/** `/docs/errors`: every row of the error table, under the anchor that answers point to. */
import type { FC } from "hono/jsx";
import { type ErrorRow, ERRORS } from "../../http/errors.ts";
import { AGAIN, namedAnswers } from "../error-words.ts";
import { Code, Words } from "./words.tsx";

/** All errors. */
export const ErrorsView: FC = () => (
  <>
    <nav class="panel" aria-label="Codes">
      <ul class="codes">
        {Object.keys(ERRORS).map((code) => (
          <li>
            <a href={`#${code}`}>{code}</a>
          </li>
        ))}
      </ul>
    </nav>
    {Object.entries(ERRORS).map(([code, row]) => (
      <ErrorView code={code} row={row} />
    ))}
  </>
);

const ErrorView: FC<{ code: string; row: ErrorRow }> = ({
  code,
  row: { cause, hint, retry, answers },
}) => (
  <section class="panel" id={code} aria-labelledby={`${code}-title`}>
    <h2 id={`${code}-title`}>
      <a href={`#${code}`}>{code}</a>
    </h2>
    <p>
      <Words text={cause} />
    </p>
    <dl class="facts wide">
      <div>
        <dt>What to do</dt>
        <dd>
          <Words text={hint} />
        </dd>
      </div>
      <div>
        <dt>Send again</dt>
        <dd>{AGAIN[retry]}</dd>
      </div>
    </dl>
    {namedAnswers(answers).map(({ surfaces, answer }) => (
      <div class="stack">
        <h3>
          <span class="status">{answer.status}</span> {surfaces}
        </h3>
        <Code
          text={answer.text === true ? answer.body : readable(answer.body)}
          label={`${code}: ${surfaces}`}
        />
      </div>
    ))}
  </section>
);

/** A member a line. */
function readable(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}
