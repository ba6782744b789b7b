/** `wrangler r2` of the stand-in. */
import type { Rule } from "../account.ts";
import { argumentOf, type Call, flagOf, refuse, refuseApi } from "./call.ts";

function needR2({ account }: Call): void {
  if (account.r2Enabled === false) {
    refuseApi("/r2/buckets", "Please enable R2 through the Cloudflare Dashboard.", 10042);
  }
}

export function r2List(call: Call): void {
  needR2(call);
  call.print("Listing buckets...");
  for (const name of Object.keys(call.account.buckets)) {
    call.print(`name:           ${name}\ncreation_date:  2026-11-20T08:00:00.000Z\n`);
  }
}

export function r2Create(call: Call): void {
  needR2(call);
  const name = argumentOf(call);
  if (call.account.buckets[name] !== undefined) {
    const note = "The bucket you tried to create already exists, and you own it.";
    refuseApi("/r2/buckets", note, 10004);
  }
  call.print(`Creating bucket '${name}'...`);
  call.account.buckets[name] = [
    { id: "Default Multipart Abort Rule", enabled: true, prefix: "", uploadDays: 7 },
  ];
  call.print(`✅ Created bucket '${name}' with default storage class of Standard.`);
}

function rulesOf(call: Call): Rule[] {
  needR2(call);
  const name = argumentOf(call);
  return (
    call.account.buckets[name] ??
    refuseApi(`/r2/buckets/${name}/lifecycle`, "The specified bucket does not exist.", 10006)
  );
}

export function rulesList(call: Call): void {
  const rules = rulesOf(call);
  const name = argumentOf(call);
  call.print(`Listing lifecycle rules for bucket '${name}'...`);
  if (rules.length === 0) call.print(`There are no lifecycle rules for bucket '${name}'.`);
  else call.print(rules.map(ruleText).join("\n\n"));
}

function ruleText({ id, enabled, prefix, expireDays, uploadDays }: Rule): string {
  const actions = [
    expireDays === undefined ? [] : `Expire objects after ${expireDays} days`,
    uploadDays === undefined ? [] : `Abort incomplete multipart uploads after ${uploadDays} days`,
  ].flat();
  return [
    `name:     ${id}`,
    `enabled:  ${enabled ? "Yes" : "No"}`,
    `prefix:   ${prefix || "(all prefixes)"}`,
    `action:   ${actions.join(", ") || "(none)"}`,
  ].join("\n");
}

export function rulesAdd(call: Call): void {
  const rules = rulesOf(call);
  const [bucket = "", id, prefix = ""] = call.positionals;
  const [expire, abort] = [flagOf(call, "expire-days"), flagOf(call, "abort-multipart-days")];
  // Without a terminal the real one has nobody to ask.
  if (id === undefined) refuse("Must specify a rule name.");
  if (expire === undefined && abort === undefined) refuse("No lifecycle action specified.");
  if (rules.some((rule) => rule.id === id)) {
    refuseApi(`/r2/buckets/${bucket}/lifecycle`, "Rule IDs have to be unique.", 10005);
  }
  rules.push({
    id,
    enabled: true,
    prefix,
    ...(expire === undefined ? {} : { expireDays: Number(expire) }),
    ...(abort === undefined ? {} : { uploadDays: Number(abort) }),
  });
  call.print(`✨ Added lifecycle rule '${id}' to bucket '${bucket}'.`);
}

export function rulesRemove(call: Call): void {
  const rules = rulesOf(call);
  const name = flagOf(call, "name");
  const index = rules.findIndex(({ id }) => id === name);
  if (index === -1) refuse(`Lifecycle rule with ID '${name}' not found.`);
  rules.splice(index, 1);
  call.print(`Lifecycle rule '${name}' removed from bucket '${argumentOf(call)}'.`);
}
