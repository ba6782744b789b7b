/**
 * `npm start`: a local server with migrations applied and demo data. Needs only Node 20 and npm:
 * it installs what is missing and runs the rest on the Node of the package `node`.
 */
import { constants, copyFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { delimiter, join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { COMPILE_CACHE, NODE, ROOT, install } from "./install.mjs";
import { optionValues } from "./options.mjs";
import { Stop, fail, start, stopped } from "./process.mjs";
import { isPrepared } from "./state.mjs";

const USAGE = `Usage: npm start -- [options]
  --port N           port to listen on (default 8787)
  --ip ADDRESS       address to listen on (default localhost)
  --persist-to DIR   folder of the local state (default .wrangler/state)`;

/** How often the server is asked whether it is there. */
const POLL_MS = 50;

/** How long wrangler's words are held back while it starts; then something takes unusually long. */
const QUIET_MS = 20_000;

/** The tools' environment: no telemetry, no banner, nothing asked of the network. */
function toolEnvironment(stateDir) {
  return {
    ...process.env,
    PATH: [join(ROOT, "node_modules/.bin"), process.env.PATH ?? ""].join(delimiter),
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: process.env.WRANGLER_WRITE_LOGS ?? "false",
    // Else servers of all checkouts on a machine know of each other under one name.
    WRANGLER_REGISTRY_PATH: join(stateDir, "registry"),
    // The local request.cf is a placeholder, not fetched.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    // Saves a fifth of a second at each start.
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    ...(process.stdout.isTTY ? { FORCE_COLOR: process.env.FORCE_COLOR ?? "1" } : {}),
  };
}

function readOptions() {
  const options = {
    port: { type: "string", default: "8787" },
    ip: { type: "string", default: "localhost" },
    "persist-to": { type: "string", default: join(ROOT, ".wrangler/state") },
  };
  const values = optionValues(options, USAGE);
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : 0;
  if (port < 1 || port > 65_535) {
    throw new Stop(`--port takes a number from 1 to 65535.\n\n${USAGE}`, 2);
  }
  return { port, ip: values.ip, stateDir: resolve(values["persist-to"]) };
}

/** Refuses a port that something listens on; wrangler would silently take another one. */
async function checkPort(port, ip) {
  // Clients try both addresses of localhost, so that a stranger on the other one would answer.
  const hosts = ip === "localhost" ? ["127.0.0.1", "::1"] : [ip];
  for (const host of hosts) {
    const code = await listenError(port, host);
    if (code === "EADDRINUSE") {
      throw new Stop(
        `Port ${port} is in use on ${host}: end what listens there, ` +
          `or choose another port: npm start -- --port ${port === 8787 ? 8788 : port + 1}`,
      );
    }
    if (code === "EACCES") throw new Stop(`Port ${port} needs more rights than you have.`);
    // A machine may have no IPv6.
    if (code !== undefined && host !== "::1") {
      throw new Stop(`Cannot listen on ${host}, port ${port}: ${code}`);
    }
  }
}

function listenError(port, host) {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => done(error.code));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(undefined)));
  });
}

function copySecrets() {
  try {
    const from = join(ROOT, ".dev.vars.example");
    copyFileSync(from, join(ROOT, ".dev.vars"), constants.COPYFILE_EXCL);
    console.log("Copied .dev.vars.example to .dev.vars.");
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

async function prepare(stateDir) {
  if (isPrepared(stateDir)) return;
  const args = [join(ROOT, "scripts/prepare.mjs"), "--persist-to", stateDir];
  const options = {
    cwd: ROOT,
    env: toolEnvironment(stateDir),
    stdio: ["ignore", "inherit", "inherit"],
  };
  const { code, signal } = await start(NODE, args, options).ended;
  if (signal !== undefined) throw stopped(signal);
  if (code !== 0) throw new Stop("The local state could not be prepared; see above.", code);
}

/** Runs `wrangler dev` until it ends; its words are held back until the server answers. */
async function serve({ port, ip, stateDir }) {
  const args = [
    join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
    ...["dev", "--local", "--show-interactive-dev-session", "false"],
    ...["--port", String(port), "--ip", ip, "--persist-to", stateDir],
    // Any free port: two servers that start at the same time would both take 9229.
    ...["--inspector-port", "0"],
  ];
  const options = {
    cwd: ROOT,
    env: toolEnvironment(stateDir),
    stdio: ["ignore", "pipe", "pipe"],
  };
  const { child, ended } = start(NODE, args, options);
  const output = holdBack(child);
  let isRunning = true;
  const result = ended.finally(() => (isRunning = false));
  const url = `http://${urlHost(ip)}:${port}`;
  void announce(url, stateDir, output, () => isRunning);
  const { code, signal } = await result;
  output.release();
  // Asked for and clean: not a failure that npm should report.
  process.exitCode = signal === undefined ? code : 0;
}

/** Keeps a child's output until it is dropped or released; after either it passes. */
function holdBack(child) {
  let held = [];
  const letPass = (keep) => {
    const chunks = held ?? [];
    held = undefined;
    clearTimeout(timer);
    if (keep) for (const { stream, chunk } of chunks) stream.write(chunk);
  };
  const timer = setTimeout(() => letPass(true), QUIET_MS);
  const take = (stream) => (chunk) => {
    if (held === undefined) {
      stream.write(chunk);
      return;
    }
    held.push({ stream, chunk });
    if (chunk.includes("ERROR")) letPass(true);
  };
  // Whoever reads our words may stop reading them; the server goes on.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  child.stdout.on("data", take(process.stdout));
  child.stderr.on("data", take(process.stderr));
  return { drop: () => letPass(false), release: () => letPass(true) };
}

function urlHost(ip) {
  if (ip === "0.0.0.0" || ip === "::") return "localhost";
  return ip.includes(":") ? `[${ip}]` : ip;
}

async function announce(url, stateDir, output, isRunning) {
  let status;
  while (isRunning() && status === undefined) {
    status = await statusOf(url);
    if (status === undefined) await sleep(POLL_MS);
  }
  if (status === undefined) return;
  if (status < 500) output.drop();
  else output.release();
  console.log(welcome(url, stateDir));
}

/** The status of `GET /`, or undefined while nothing answers. */
function statusOf(url) {
  return new Promise((done) => {
    const request = get(`${url}/`, { agent: false }, (response) => {
      response.resume();
      done(response.statusCode);
    });
    request.once("error", () => done(undefined));
  });
}

/** The lines between the empty lines can be pasted into a shell as they are; .ci/run does so. */
function welcome(url, stateDir) {
  const point =
    '[{"client_id":4231,"table_name":"orders","action":"upsert","sequence":1,' +
    '"key_names":["id"],"data":{"id":1,"customer":"Ada","total":58.40}}]';
  const key = "-H 'X-RJM-API-Key: demo-export-key'";
  return `
Headgate answers on ${url} (state in ${shown(stateDir)}; ctrl-C ends it).

Push a point:

  curl -sS ${url}/v2/import/push -H 'Authorization: Bearer demo-import-token' -H 'Content-Type: application/json' -H 'Accept: application/json' -d '${point}'

Export its table and download the file:

  table_id=$(curl -sS ${key} ${url}/0.1/client/4231/table | sed 's/.*"id":\\([0-9]*\\),"name":"orders".*/\\1/')
  export_id=$(curl -sS ${key} -X POST ${url}/0.1/client/4231/table/$table_id/export | sed 's/.*"export_id":\\([0-9]*\\).*/\\1/')
  curl -fsS --retry 5 --retry-all-errors ${key} -o orders.zip ${url}/0.1/export/$export_id && unzip -p orders.zip

Console: ${url}/console
Admin API: ${url}/admin/v1, with the ADMIN_TOKEN of .dev.vars as Bearer token (local-admin-token where you have not changed it)
`;
}

/** A folder as its reader would type it: relative where it is inside the project. */
function shown(folder) {
  const path = relative(ROOT, folder);
  return path.startsWith("..") ? folder : path;
}

async function main() {
  const options = readOptions();
  await checkPort(options.port, options.ip);
  await install();
  copySecrets();
  await prepare(options.stateDir);
  await serve(options);
}

await main().catch(fail);
