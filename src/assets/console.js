// The console works without this. With it: code can be copied, progress moves by itself, and the
// picture of a figure follows its form.

/** How long a form must be left alone before its picture is asked for. */
const PREVIEW_WAIT_MS = 350;
/** How long a button says that it has copied. */
const SAID_MS = 2_000;

/** A button on each block of code that copies it. */
function addCopyButtons(root) {
  for (const block of root.querySelectorAll(".code:not(:has(.copy))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy small";
    button.textContent = "Copy";
    button.addEventListener("click", () => void copy(block, button));
    block.append(button);
  }
}

async function copy(block, button) {
  await navigator.clipboard.writeText(block.querySelector("pre").textContent);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = "Copy"), SAID_MS);
}

const FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex]";

/** Puts the part of the same id out of a page in the place of the one that is there. */
function replacePart(id, text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const fresh = page.getElementById(id);
  const old = document.getElementById(id);
  if (fresh === null || old === null) return undefined;
  if (fresh.isEqualNode(old)) return old;
  const focused = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  const scrolled = [...old.querySelectorAll(".scroll")].map(({ scrollLeft }) => scrollLeft);
  old.replaceWith(fresh);
  addCopyButtons(fresh);
  // Who reads or tabs through it stays where they are.
  fresh.querySelectorAll(FOCUSABLE)[focused]?.focus({ preventScroll: true });
  fresh
    .querySelectorAll(".scroll")
    .forEach((box, index) => (box.scrollLeft = scrolled[index] ?? 0));
  return fresh;
}

/** Says the words of `data-said` to screen readers, which hear only what stays in its place. */
function say(text) {
  let place = document.getElementById("said");
  if (place === null) {
    place = document.createElement("p");
    place.id = "said";
    place.className = "hidden";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  if (text !== undefined && place.textContent !== text) place.textContent = text;
}

/** Most waits of `data-refresh` between two looks while the service does not answer. */
const WAITS_MAX = 30;

/** `data-refresh="2"` on an element with an id: it is read anew every 2 s, while it says so. */
async function refresh(element) {
  let shown = element;
  let waits = 1;
  say(shown.dataset.said);
  while (Number(shown?.dataset.refresh) > 0) {
    const ms = Number(shown.dataset.refresh) * waits * 1_000;
    await new Promise((done) => setTimeout(done, ms));
    if (document.hidden) {
      await new Promise((done) =>
        document.addEventListener("visibilitychange", done, { once: true }),
      );
    }
    const headers = { Accept: "text/html" };
    const answer = await fetch(location.href, { headers }).catch(() => null);
    // The session is over, or what is shown is gone: the next click says so.
    if (answer?.redirected === true || (answer !== null && answer.status < 500 && !answer.ok))
      return;
    waits = answer?.ok === true ? 1 : Math.min(2 * waits, WAITS_MAX);
    if (answer?.ok !== true) continue;
    shown = replacePart(shown.id, await answer.text());
    say(shown?.dataset.said);
  }
}

/** How long a second click on a form's button is taken for a double click. */
const AGAIN_MS = 3_000;

/** A form is sent once, however often its button is pressed. */
function sendOnce(form) {
  let sentAt = -Infinity;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - sentAt < AGAIN_MS) event.preventDefault();
    else sentAt = event.timeStamp;
  });
}

/** `data-preview="/console/…"` on a form: what it answers goes into the element `preview`. */
function follow(form) {
  let timer;
  let latest = 0;
  const show = async () => {
    latest += 1;
    const own = latest;
    const place = document.getElementById("preview");
    if (place === null) return;
    place.setAttribute("aria-busy", "true");
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.dataset.preview, { method: "POST", body }).catch(() => null);
    const text = answer === null ? "" : await answer.text();
    // Only the newest answer counts: they may overtake each other.
    if (own !== latest) return;
    place.removeAttribute("aria-busy");
    if (answer !== null && !answer.redirected) place.innerHTML = text;
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void show(), PREVIEW_WAIT_MS);
  });
}

addCopyButtons(document);
for (const element of document.querySelectorAll("[data-refresh]")) void refresh(element);
for (const form of document.querySelectorAll("form[data-preview]")) follow(form);
for (const form of document.querySelectorAll('form[method="post"]')) sendOnce(form);
// A reload must not send a form again that has shown its answer.
if (document.querySelector("[data-once]") !== null) history.replaceState(null, "", location.href);
