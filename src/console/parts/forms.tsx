/** The parts of forms. Every label is a label, every hint and error is tied to its field. */
import type { Child, FC, PropsWithChildren } from "hono/jsx";
import type { Session } from "../session/session.ts";

/** The hidden field by which the service knows that a form is its own (session/require-session.ts). */
export const Csrf: FC<{ session: Pick<Session, "csrf"> }> = ({ session }) => (
  <input type="hidden" name="csrf" value={session.csrf} />
);

type PostFormProps = PropsWithChildren<{
  readonly session: Pick<Session, "csrf">;
  /** Relative to `/console`. */
  readonly action: string;
  readonly class?: string;
  /** Relative to `/console`: where the script asks for the picture of what the form says. */
  readonly preview?: string;
}>;

/** A form that changes something. */
export const PostForm: FC<PostFormProps> = ({ session, action, preview, children, ...more }) => (
  <form
    method="post"
    action={`/console${action}`}
    class={more.class ?? "form"}
    {...(preview === undefined ? {} : { "data-preview": `/console${preview}` })}
  >
    <Csrf session={session} />
    {children}
  </form>
);

interface Labelled {
  readonly label: string;
  readonly name: string;
  /** Below the label, in every case. */
  readonly hint?: Child;
  /** What is wrong with the value that is there. */
  readonly error?: string | undefined;
}

interface TextProps extends Labelled {
  readonly value?: string | undefined;
  readonly type?: "text" | "number" | "date" | "search" | "email";
  readonly required?: boolean;
  readonly autocomplete?: string;
  readonly placeholder?: string;
  readonly inputmode?: "numeric" | "text";
  readonly size?: number;
  /** The id of a datalist with values to choose from. */
  readonly list?: string;
}

/** Names and addresses are no prose. As an object: the attribute is a text, its type a boolean. */
const NO_SPELLING = { spellcheck: "false" as unknown as boolean };

/** The id of a field: names are unique within a page, or have their place in them. */
const idOf = (name: string): string => `field-${name.replaceAll(/[^A-Za-z0-9_-]/g, "-")}`;

/** The attributes by which a screen reader finds hint and error. */
function described({ name, hint, error }: Labelled): Record<string, string> {
  const id = idOf(name);
  const ids = [hint === undefined ? "" : `${id}-hint`, error === undefined ? "" : `${id}-error`];
  const list = ids.filter((text) => text !== "").join(" ");
  return {
    ...(list === "" ? {} : { "aria-describedby": list }),
    ...(error === undefined ? {} : { "aria-invalid": "true" }),
  };
}

/** Label, hint and error around the control of a field. */
const Around: FC<PropsWithChildren<Labelled>> = ({ label, name, hint, error, children }) => (
  <div class="field">
    <label for={idOf(name)}>{label}</label>
    {hint === undefined ? null : (
      <p class="hint" id={`${idOf(name)}-hint`}>
        {hint}
      </p>
    )}
    {children}
    {error === undefined ? null : (
      <p class="error" id={`${idOf(name)}-error`}>
        {error}
      </p>
    )}
  </div>
);

/** A line of text. */
export const TextField: FC<TextProps> = ({ label, hint, error, name, value, ...rest }) => (
  <Around label={label} name={name} hint={hint} error={error}>
    <input
      id={idOf(name)}
      name={name}
      value={value ?? ""}
      type="text"
      {...NO_SPELLING}
      {...rest}
      {...described({ label, name, hint, error })}
    />
  </Around>
);

/** Several lines of text. */
export const TextArea: FC<
  Labelled & { readonly value?: string | undefined; readonly rows?: number }
> = ({ label, hint, error, name, value, rows = 3 }) => (
  <Around label={label} name={name} hint={hint} error={error}>
    <textarea
      id={idOf(name)}
      name={name}
      rows={rows}
      {...NO_SPELLING}
      {...described({ label, name, hint, error })}
    >
      {value ?? ""}
    </textarea>
  </Around>
);

/**
 * A name as the value of a field. Browsers send each line end as CR LF, and lone surrogates as
 * U+FFFD (HTML, "constructing the entry list"), so a name with control characters goes as JSON.
 */
export function nameValue(name: string): string {
  return /^"|[\p{Cc}\p{Cs}]/u.test(name) ? JSON.stringify(name) : name;
}

/** The name that {@link nameValue} wrote; what it did not write stays as it is. */
export function nameOfValue(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    const name: unknown = JSON.parse(value);
    return typeof name === "string" ? name : value;
  } catch {
    return value;
  }
}

/** One of some values. */
export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** One choice out of a list. */
export const SelectField: FC<
  Labelled & { readonly choices: readonly Choice[]; readonly value?: string | undefined }
> = ({ label, hint, error, name, choices, value }) => (
  <Around label={label} name={name} hint={hint} error={error}>
    <select id={idOf(name)} name={name} {...described({ label, name, hint, error })}>
      {choices.map((choice) => (
        <option value={choice.value} selected={choice.value === value}>
          {choice.label}
        </option>
      ))}
    </select>
  </Around>
);

type CheckProps = Labelled & {
  readonly checked?: boolean;
  readonly value?: string;
  /** Of one of several boxes of a name: its place among them. */
  readonly index?: number;
};

/** Yes or no, or one value of several. */
export const CheckField: FC<CheckProps> = (props) => {
  const { label, hint, error, name, checked, value = "1", index } = props;
  const id = idOf(index === undefined ? name : `${name}-${index}`);
  return (
    <div class="field check">
      <input type="checkbox" id={id} name={name} value={value} checked={checked === true} />
      <label for={id}>{label}</label>
      {hint === undefined ? null : <p class="hint">{hint}</p>}
      {error === undefined ? null : <p class="error">{error}</p>}
    </div>
  );
};

/** The button that sends a form. */
export const Submit: FC<PropsWithChildren<{ readonly kind?: "main" | "danger" | "other" }>> = ({
  kind = "main",
  children,
}) => (
  <button type="submit" class={`button ${kind}`}>
    {children}
  </button>
);

/** What a form's refusal says, above it: it has the focus, so that it is in sight and read out. */
export const FormError: FC<{ readonly reason: string | undefined }> = ({ reason }) =>
  reason === undefined ? null : (
    <div class="notice bad" role="alert" tabindex={-1} autofocus>
      <p>{reason}</p>
    </div>
  );

type DangerProps = PropsWithChildren<{
  readonly session: Pick<Session, "csrf">;
  readonly action: string;
  /** On the closed part: `Revoke…` */
  readonly open: string;
  /** What it is about, for those who hear the closed part alone: one of many of the page. */
  readonly about?: string;
  /** On the button inside: `Revoke this token`. */
  readonly confirm: string;
}>;

/** A step that cannot be undone: opened first, then confirmed, without any script. */
export const Danger: FC<DangerProps> = ({ session, action, open, about, confirm, children }) => (
  <details class="danger-zone">
    <summary>
      {open}
      {about === undefined ? null : <span class="hidden"> {about}</span>}
    </summary>
    <PostForm session={session} action={action} class="form">
      {children}
      <Submit kind="danger">{confirm}</Submit>
    </PostForm>
  </details>
);
