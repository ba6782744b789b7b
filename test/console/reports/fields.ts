/** What a browser without script would send of a form, if nothing was changed in it. */

/** The fields of the builder's form in a page, or in a part of one. */
export async function fieldsOf(html: string, form = ""): Promise<URLSearchParams> {
  const fields = new URLSearchParams();
  let select: { name: string; value: string | undefined } | undefined;
  let area: { name: string; text: string } | undefined;
  const rewriter = new HTMLRewriter()
    .on(`${form} input`, {
      element: (input) => {
        const isBox = input.getAttribute("type") === "checkbox";
        if (isBox && !input.hasAttribute("checked")) return;
        fields.append(decoded(input.getAttribute("name")), decoded(input.getAttribute("value")));
      },
    })
    .on(`${form} select`, {
      element: (element) => {
        const own = { name: decoded(element.getAttribute("name")), value: undefined };
        select = own;
        element.onEndTag(() => {
          fields.append(own.name, select?.value ?? "");
        });
      },
    })
    .on(`${form} option`, {
      element: (option) => {
        if (select === undefined) return;
        const value = decoded(option.getAttribute("value"));
        // The first one is what is chosen where none is.
        if (select.value === undefined || option.hasAttribute("selected")) select.value = value;
      },
    })
    .on(`${form} textarea`, {
      element: (element) => {
        const own = { name: decoded(element.getAttribute("name")), text: "" };
        area = own;
        element.onEndTag(() => {
          fields.append(own.name, decoded(own.text));
        });
      },
      text: ({ text }) => {
        if (area !== undefined) area.text += text;
      },
    });
  await rewriter.transform(new Response(html, { headers: { "Content-Type": "text/html" } })).text();
  return fields;
}

/** Those of a page of the builder. */
export function builderFields({ text }: { readonly text: string }): Promise<URLSearchParams> {
  return fieldsOf(text, "form.builder-form");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&quot;": '"',
  "&#39;": "'",
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
};

/** Text without the entities that the pages write. */
export function decoded(text: string | null): string {
  return (text ?? "").replaceAll(/&(?:quot|#39|lt|gt|amp);/g, (entity) => ENTITIES[entity] ?? "");
}
