/** The admin API: clients, integrations, import tokens, export keys, rejections. */
import type { Operation } from "../operation.ts";
import { adminOperation, AT, body, json, NOTHING } from "./admin-parts.ts";

/** As long as a secret is, in hex. */
const SECRET = "0123456789abcdef".repeat(4);

const CLIENT = { id: 4231, name: "Example Shop", time_zone: "Europe/Berlin", created_at: AT };
const INTEGRATION = { id: 1, name: "Shop database", nested_values: "json", created_at: AT };
const KEY = { id: 1, name: "Nightly report", allowed_ips: ["203.0.113.0/24"], created_at: AT };
const REJECTION = {
  id: 1,
  first_at: AT,
  last_at: AT,
  times: 3,
  request_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
  surface: "push",
  status: 422,
  code: "key_missing",
  reason: "data must include keys",
  table: "orders",
  record: 0,
  excerpt: '{"status":"new"}',
};

const clients: readonly Operation[] = [
  adminOperation({
    id: "listClients",
    method: "get",
    path: "/clients",
    summary: "List the clients",
    answers: { 200: json("All clients.", "ClientList", { clients: [CLIENT] }) },
  }),
  adminOperation({
    id: "createClient",
    method: "post",
    path: "/clients",
    summary: "Make a client",
    description: "A client is one customer with data of its own. Without an id it gets a free one.",
    body: body("NewClient", {
      named: { name: "Example Shop", time_zone: "Europe/Berlin" },
      with_id: { name: "Example Shop", id: 5120 },
    }),
    answers: { 201: json("Made.", "Client", CLIENT) },
    errors: ["admin_conflict"],
  }),
  adminOperation({
    id: "showClient",
    method: "get",
    path: "/clients/{cid}",
    summary: "One client",
    answers: {
      200: json("The client, and what was imported for it.", "WholeClient", {
        ...CLIENT,
        imports: { count: 12, last_started_at: AT, last_ended_at: AT },
      }),
    },
  }),
  adminOperation({
    id: "changeClient",
    method: "patch",
    path: "/clients/{cid}",
    summary: "Change a client",
    body: body("ClientChange", { name: { name: "Example Shop Ltd" } }),
    answers: { 200: json("As it is now.", "Client", CLIENT) },
  }),
];

const integrations: readonly Operation[] = [
  adminOperation({
    id: "listIntegrations",
    method: "get",
    path: "/clients/{cid}/integrations",
    summary: "List the integrations of a client",
    answers: {
      200: json("All integrations.", "IntegrationList", { integrations: [INTEGRATION] }),
    },
  }),
  adminOperation({
    id: "createIntegration",
    method: "post",
    path: "/clients/{cid}/integrations",
    summary: "Make an integration",
    description: "An integration is one set of tables. How nested values are kept stays with it.",
    body: body("NewIntegration", {
      plain: { name: "Shop database" },
      subtables: { name: "Documents", nested_values: "tables" },
    }),
    answers: { 201: json("Made.", "Integration", INTEGRATION) },
    errors: ["admin_conflict"],
  }),
  adminOperation({
    id: "listTokens",
    method: "get",
    path: "/clients/{cid}/integrations/{iid}/tokens",
    summary: "List the import tokens of an integration",
    answers: {
      200: json("All tokens, by their last characters.", "TokenList", {
        tokens: [{ id: 1, hint: "cdef", created_at: AT, last_used_at: AT }],
      }),
    },
  }),
  adminOperation({
    id: "createToken",
    method: "post",
    path: "/clients/{cid}/integrations/{iid}/tokens",
    summary: "Make an import token",
    description: "It is good for all import surfaces. Make a new one before the old is revoked.",
    body: { ...body("NewImportToken", { none: {} }), isOptional: true },
    answers: {
      201: json("Made; the token is shown this once.", "NewToken", {
        id: 2,
        token: SECRET,
        created_at: AT,
      }),
    },
    errors: ["admin_conflict"],
  }),
  adminOperation({
    id: "revokeToken",
    method: "delete",
    path: "/clients/{cid}/integrations/{iid}/tokens/{id}",
    what: "an import token",
    summary: "Revoke an import token",
    description: "It is refused everywhere after 30 s at the latest.",
    answers: { 204: NOTHING },
  }),
];

const keys: readonly Operation[] = [
  adminOperation({
    id: "listExportKeys",
    method: "get",
    path: "/clients/{cid}/export-keys",
    summary: "List the export keys of a client",
    answers: { 200: json("All keys.", "ExportKeyList", { export_keys: [KEY] }) },
  }),
  adminOperation({
    id: "createExportKey",
    method: "post",
    path: "/clients/{cid}/export-keys",
    summary: "Make an export key",
    body: body("NewExportKey", {
      office: { name: "Nightly report", allowed_ips: ["203.0.113.0/24"] },
      nobody: { name: "Later", allowed_ips: [] },
    }),
    answers: {
      201: json("Made; the key is shown this once.", "MadeExportKey", {
        ...KEY,
        key: SECRET,
      }),
    },
    errors: ["admin_conflict"],
  }),
  adminOperation({
    id: "changeExportKey",
    method: "patch",
    path: "/clients/{cid}/export-keys/{id}",
    what: "an export key",
    summary: "Change the name or the addresses of an export key",
    body: body("ExportKeyChange", { addresses: { allowed_ips: ["203.0.113.7", "2001:db8::/32"] } }),
    answers: { 200: json("As it is now.", "ExportKey", KEY) },
  }),
  adminOperation({
    id: "revokeExportKey",
    method: "delete",
    path: "/clients/{cid}/export-keys/{id}",
    what: "an export key",
    summary: "Revoke an export key",
    answers: { 204: NOTHING },
  }),
];

const rejections: readonly Operation[] = [
  adminOperation({
    id: "listClientRejections",
    method: "get",
    path: "/clients/{cid}/rejections",
    summary: "Why data of a client did not arrive",
    description:
      "The last refused imports, the newest first; equal ones that came close together are one.",
    answers: {
      200: json("Of all integrations.", "ClientRejectionList", {
        rejections: [{ ...REJECTION, integration_id: 1 }],
      }),
    },
  }),
  adminOperation({
    id: "listRejections",
    method: "get",
    path: "/clients/{cid}/integrations/{iid}/rejections",
    summary: "Why data of an integration did not arrive",
    answers: { 200: json("The newest first.", "RejectionList", { rejections: [REJECTION] }) },
  }),
];

/** The operations of clients and what belongs to them. */
export const adminClientOperations: readonly Operation[] = [
  ...clients,
  ...integrations,
  ...keys,
  ...rejections,
];
