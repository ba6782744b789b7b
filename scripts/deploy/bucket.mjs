/** The bucket of the exports' files, and the rules by which R2 itself deletes what is left there. */
import { Stop } from "../process.mjs";
import { refused } from "./wrangler.mjs";

/** The Worker's files are below this and nothing else is. */
const PREFIX = "exports/";

/** The names of the rules that a deployment adds. */
const EXPIRED = "expired";
const UNFINISHED = "unfinished";

/** What R2 gives a new bucket: uploads that nobody finishes end after a week. */
export const RULES_OF_NEW = [
  { name: "Default Multipart Abort Rule", enabled: true, prefix: "", uploadDays: 7 },
];

/** The rules of a bucket, or undefined where there is no such bucket. */
export async function readRules(wrangler, bucket) {
  const args = ["r2", "bucket", "lifecycle", "list", bucket];
  const answer = await wrangler.ask(args);
  if (answer.code === 0) return parseRules(answer.stdout);
  const words = answer.stdout + answer.stderr;
  if (/\[code: 10006\]/.test(words)) return undefined;
  if (/\[code: 10042\]/.test(words)) {
    throw new Stop(
      "R2 is not enabled in this account: enable it in the dashboard under " +
        '"R2 Object Storage", and deploy again.',
    );
  }
  throw refused(args, answer);
}

/** Creates the bucket; one that is there already is no failure. */
export async function createBucket(wrangler, bucket) {
  const args = ["r2", "bucket", "create", bucket];
  const answer = await wrangler.ask(args);
  if (answer.code !== 0 && !/\[code: 10004\]/.test(answer.stdout + answer.stderr)) {
    throw refused(args, answer);
  }
}

/**
 * The rules as `wrangler r2 bucket lifecycle list` prints them, in blocks of labelled lines:
 * `{ name, enabled, prefix, expireDays, uploadDays }`, the days where the rule has that action.
 */
function parseRules(stdout) {
  return stdout
    .split(/\n\s*\n|\n(?=name:)/)
    .map((block) =>
      Object.fromEntries(
        [...block.matchAll(/^(\w+): *(.*)$/gm)].map(([, key, value]) => [key, value]),
      ),
    )
    .filter((fields) => fields.name !== undefined && fields.action !== undefined)
    .map(({ name, enabled, prefix = "", action }) => ({
      name: name.trim(),
      enabled: enabled?.trim() === "Yes",
      prefix: prefix.trim() === "(all prefixes)" ? "" : prefix.trim(),
      expireDays: daysOf(/Expire objects after ([\d.]+) days/, action),
      uploadDays: daysOf(/Abort incomplete multipart uploads after ([\d.]+) days/, action),
    }));
}

function daysOf(pattern, action) {
  const days = pattern.exec(action)?.[1];
  return days === undefined ? undefined : Number(days);
}

/**
 * What has to be done for the rules to be right, as arguments of wrangler, in this order. A rule
 * that a deployment added goes when its days are others now; rules of the owner stay, and count
 * where they do what is needed.
 */
export function rulesToDo(rules, { bucket, exportDays, expireDays, uploadDays }) {
  const holding = rules.filter(({ enabled, prefix }) => enabled && PREFIX.startsWith(prefix));
  const isRight = ({ name, expireDays: days }) =>
    days !== undefined && (name === EXPIRED ? days === expireDays : days > exportDays);
  const add = (name, ...days) => [
    ...["r2", "bucket", "lifecycle", "add", bucket, name, PREFIX],
    ...days,
  ];
  const remove = (name) => ["r2", "bucket", "lifecycle", "remove", bucket, "--name", name];
  const has = (name) => rules.some((rule) => rule.name === name);
  const toDo = [];
  const isOld = has(EXPIRED) && !holding.some((rule) => rule.name === EXPIRED && isRight(rule));
  if (isOld) toDo.push(remove(EXPIRED));
  if (isOld || !holding.some(isRight)) {
    toDo.push(add(EXPIRED, "--expire-days", String(expireDays)));
  }
  if (!holding.some((rule) => rule.uploadDays !== undefined)) {
    if (has(UNFINISHED)) toDo.push(remove(UNFINISHED));
    toDo.push(add(UNFINISHED, "--abort-multipart-days", String(uploadDays)));
  }
  return toDo;
}

/** Rules of the owner that delete files before they expire, by name. */
export function tooEarly(rules, { exportDays }) {
  return rules
    .filter(
      ({ name, enabled, prefix, expireDays }) =>
        enabled &&
        name !== EXPIRED &&
        (PREFIX.startsWith(prefix) || prefix.startsWith(PREFIX)) &&
        expireDays !== undefined &&
        expireDays < exportDays,
    )
    .map(({ name }) => name);
}
