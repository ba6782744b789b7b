/** One operation on its page. */
import type { FC } from "hono/jsx";
import { htmlOf } from "../../html.ts";
import { curlOf } from "../curl.ts";
import type {
  MediaType,
  OpenApi,
  OperationObject,
  ParameterObject,
  ResponseObject,
} from "../openapi.ts";
import { codesOf, exampleText, examplesOf, type Placed, type Places, responseOf } from "../read.ts";
import { Limits, SchemaView, typeOf } from "./schema.tsx";
import { Code, More, pretty, Words } from "./words.tsx";

/** Characters up to which the members of a body are open from the start: a screen or two. */
const OPEN_TEXT_LENGTH_MAX = 8_000;

interface Props {
  readonly document: OpenApi;
  readonly operation: OperationObject;
  readonly places: Places;
}

/** All that the document says of an operation. */
export const OperationView: FC<{
  document: OpenApi;
  origin: string;
  placed: Placed;
  places: Places;
}> = ({ document, origin, placed, places }) => {
  const { method, path, operation } = placed;
  const { operationId, summary, description, requestBody } = operation;
  const props: Props = { document, operation, places };
  return (
    <section class="panel operation" id={operationId} aria-labelledby={`${operationId}-title`}>
      <div class="stack">
        <h2 id={`${operationId}-title`}>
          <a href={`#${operationId}`}>{summary}</a>
        </h2>
        <p class="address">
          <span class={`method ${method.toLowerCase()}`}>{method}</span> <code>{path}</code>
        </p>
        {description === undefined ? null : (
          <p>
            <Words text={description} />
          </p>
        )}
        <Credential {...props} />
      </div>
      <Code text={curlOf(document, origin, placed)} label={`curl: ${summary}`} />
      <Parameters {...props} />
      {requestBody === undefined ? null : (
        <div class="stack">
          <h3>Body{requestBody.required ? "" : " (may be absent)"}</h3>
          {requestBody.description === undefined ? null : (
            <p>
              <Words text={requestBody.description} />
            </p>
          )}
          <Contents {...props} content={requestBody.content} isOpen />
        </div>
      )}
      <Answers {...props} />
      <Errors {...props} />
    </section>
  );
};

const Credential: FC<Props> = ({ document, operation: { security } }) => {
  const [name] = Object.keys(security[0] ?? {});
  const scheme = name === undefined ? undefined : document.components.securitySchemes[name];
  if (scheme === undefined) return <p class="hint">No credential is needed.</p>;
  const place =
    scheme.type === "http"
      ? "the header `Authorization: Bearer …`"
      : `the ${scheme.in === "query" ? "parameter" : "header"} \`${scheme.name ?? ""}\``;
  return (
    <p class="hint">
      <Words text={`Credential, in ${place}: ${scheme.description}`} />
    </p>
  );
};

const PLACES = { path: "in the path", query: "in the query", header: "header" } as const;

const Parameters: FC<Props> = ({ document, operation: { parameters } }) =>
  parameters.length === 0 ? null : (
    <div class="stack">
      <h3>Parameters</h3>
      <ul class="members">
        {parameters.map((parameter) => (
          <Parameter document={document} parameter={parameter} />
        ))}
      </ul>
    </div>
  );

const Parameter: FC<{ document: OpenApi; parameter: ParameterObject }> = ({
  document,
  parameter: { name, in: place, description, required, schema, example },
}) => (
  <li>
    <p>
      <code class="name">{name}</code>{" "}
      <span class="type">
        {PLACES[place]}, {typeOf(document, schema)}
      </span>{" "}
      {required === true ? <span class="needed">required</span> : null} <Limits schema={schema} />
    </p>
    <p class="hint">
      <Words text={description} />
      {example === undefined ? null : (
        <>
          {" "}
          Example: <code>{exampleText(example)}</code>
        </>
      )}
    </p>
  </li>
);

/** What a body can be: for each type its examples and its members. */
const Contents: FC<Props & { content: Readonly<Record<string, MediaType>>; isOpen?: boolean }> = ({
  content,
  ...props
}) => {
  // The same data under two types is shown once.
  const groups = new Map<string, { types: string[]; media: MediaType }>();
  for (const [type, media] of Object.entries(content)) {
    const key = JSON.stringify(media);
    const group = groups.get(key) ?? { types: [], media };
    group.types.push(type);
    groups.set(key, group);
  }
  return (
    <>
      {[...groups.values()].map(({ types, media }) => (
        <div class="stack">
          <p class="hint">
            {types.map((type, index) => (
              <>
                {index > 0 ? " or " : ""}
                <code>{type}</code>
              </>
            ))}
          </p>
          <Media {...props} media={media} />
        </div>
      ))}
    </>
  );
};

const Media: FC<Props & { media: MediaType; isOpen?: boolean }> = ({ media, ...props }) => (
  <>
    <Members {...props} media={media} />
    {examplesOf(props.document, media).map(([name, { value }]) => (
      <More summary={`Example: ${name.replaceAll("_", " ")}`}>
        <Code text={pretty(value)} label={`Example: ${name}`} />
      </More>
    ))}
  </>
);

/** The members of a schema, or where on the page they are. */
const Members: FC<Props & { media: MediaType; isOpen?: boolean }> = ({
  document,
  operation,
  places,
  media: { schema },
  isOpen = false,
}) => {
  if (Object.keys(schema).length === 0) return null;
  const place = schema.$ref === undefined ? undefined : places.get(schema.$ref);
  if (place !== undefined && place.operationId !== operation.operationId) {
    return (
      <p>
        Members as of <a href={`#${place.operationId}`}>{place.summary}</a>.
      </p>
    );
  }
  const view = <SchemaView document={document} schema={schema} />;
  return (
    <More summary="Members" isOpen={isOpen && htmlOf(view).length <= OPEN_TEXT_LENGTH_MAX}>
      {view}
    </More>
  );
};

function answersOf(
  document: OpenApi,
  { responses }: OperationObject,
): readonly (readonly [string, ResponseObject])[] {
  return Object.entries(responses).map(([status, response]) => [
    status,
    responseOf(document, response),
  ]);
}

const Answers: FC<Props> = (props) => (
  <div class="stack">
    <h3>Answers</h3>
    {answersOf(props.document, props.operation)
      .filter(([, response]) => codesOf(response).length === 0)
      .map(([status, { description, content = {} }]) => (
        <div class="answer stack">
          <p>
            <span class="status">{status}</span> <Words text={description} />
          </p>
          <Contents {...props} content={content} />
        </div>
      ))}
  </div>
);

const Errors: FC<Props> = ({ document, operation }) => (
  <div class="stack">
    <h3>Errors</h3>
    <ul class="errors">
      {answersOf(document, operation)
        .map(([status, response]) => [status, codesOf(response)] as const)
        .filter(([, codes]) => codes.length > 0)
        .map(([status, codes]) => (
          <li>
            <span class="status">{status}</span>{" "}
            {codes.map((code, index) => (
              <>
                {index > 0 ? ", " : ""}
                <a href={`/docs/errors#${code}`}>{code}</a>
              </>
            ))}
          </li>
        ))}
    </ul>
  </div>
);
