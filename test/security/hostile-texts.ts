/** Texts that a name or a value may be, and that some reader of it would take for more. */

/** Each by what it is for. All of them are good names and values: none may be refused or changed. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  "an end of SQL": "'; DROP TABLE rows;--",
  "a quote of SQL": `x" OR "1"="1`,
  "a comment of SQL": "a/*",
  "a bound value": "?1",
  "wildcards of LIKE": "%_\\",
  "a path of JSON": "$[0]",
  "members of JSON": "a.b",
  "quoted members of JSON": `"a"."b"`,
  "a member with a bracket": `a"].b[0`,
  "an array of JSON": "#-1",
  "a prototype": "__proto__",
  "a constructor": "constructor",
  "an end of a script": `</script><img src=x onerror=alert(1)>`,
  "an end of an attribute": `"'><svg/onload=alert(1)>`,
  "an end of a text of SVG": "</text></svg><script>alert(1)</script>",
  "an end of a comment": "--><b>",
  "a reference": "&lt;b&gt;&#x27;",
  "an address with a script": "javascript:alert(1)",
  "a template": "{{7*7}}${7*7}<%= 7*7 %>",
  "a formula": "=cmd|' /C calc'!A0",
  "a formula with a sign": "+1+cmd|' /C calc'!A0",
  "a formula after a line": "\r\n=1+1",
  "a line of CSV": `a","b\r\nc`,
  "a header": 'x\r\nSet-Cookie: a=b\r\n\r\n<html>"; filename=evil.exe',
  "a path of files": "../../../etc/passwd",
  "a path of Windows": "..\\..\\x:y",
  "a percent sign": "%00%2e%2e%2f",
  "a NUL": "a\0b",
  "a right-to-left override": "a\u202egnp.exe",
  "line ends of JavaScript": "a\u2028b\u2029c\u0085d",
  "a line of the log": '","level":"info"}\n{"level":"error","event":"defect"}',
  "an escape of a terminal": "\u001b[2J\u001b]0;x\u0007",
  "a lone surrogate": "a\ud800b",
  "a place of a refusal": "<RECORD> <LIMIT>",
};

/** Those that a spreadsheet would take for a formula. */
export const FORMULAS: readonly string[] = Object.values(HOSTILE_TEXTS).filter((text) =>
  /^[=+\-@\t\r\n]/.test(text),
);

/** What elements a page of ours has no use for, whatever it shows. */
const FOREIGN_ELEMENTS = /^(?:img|iframe|object|embed|base|b|link-x|foreignobject|html-x)$/;

/** What a page would run or load because of a text: found by a parser of HTML. */
export async function strangersIn(page: string): Promise<string[]> {
  const found: string[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element(element) {
      const name = element.tagName.toLowerCase();
      const source = element.getAttribute("src") ?? "";
      const isScript = name === "script" && !source.startsWith("/assets/");
      if (isScript || FOREIGN_ELEMENTS.test(name)) found.push(`<${name}>`);
      for (const [attribute = "", value = ""] of element.attributes) {
        const isActive = /^(?:on|style$|srcdoc$)/i.test(attribute);
        const isAddress = /^(?:href|src|action|formaction|xlink:href)$/i.test(attribute);
        if (isActive || (isAddress && !/^(?:[/#?]|$)/.test(value))) {
          found.push(`<${name} ${attribute}="${value}">`);
        }
      }
    },
  });
  await rewriter.transform(new Response(page)).text();
  return found;
}
