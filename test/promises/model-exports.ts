/** Export keys and exports of a program: files are compared with the rows of the model. */
import type { Cell } from "../support/read-csv.ts";
import { fileOf, meets, sortedRows } from "./model-files.ts";
import { has, jsonOf, same } from "./model-compare.ts";
import { tableIdOf } from "./model-look.ts";
import type { Command, FilterPlan } from "./model-program.ts";
import type { Wire } from "./model-wire.ts";
import { type Answer, type Isolate, pick, type Session, type TableRef } from "./model-session.ts";
import { cellOf, fieldOf, type Fields } from "./model-values.ts";

/** How long a file is kept (wire.md 4.2), in ms. */
const KEPT_MS = 7 * 86_400_000;

interface ExportKey {
  readonly id: number;
  readonly client: 0 | 1;
  readonly text: string;
  isRevoked: boolean;
}

/** What an export was asked for: it stays when the file is gone, and a copy has the same. */
interface Definition {
  readonly ref: TableRef;
  readonly admits: (fields: Fields) => boolean;
}

interface Export extends Definition {
  readonly id: number;
  readonly client: 0 | 1;
  /** The file: the header row, then the others sorted. */
  readonly file: readonly (readonly Cell[])[];
  readonly completedAt: number;
  isDeleted: boolean;
}

interface Info {
  readonly id: number;
  readonly name: string;
  readonly status: string;
  readonly row_count: number | null;
}

type ExportCommand = Extract<
  Command,
  {
    type:
      | "makeKey"
      | "revokeKey"
      | "export"
      | "filteredExport"
      | "copy"
      | "download"
      | "deleteExport";
  }
>;

/** The exports of a program's clients, and the keys that open them. */
export class ModelExports {
  readonly #session: Session;
  readonly #keys: ExportKey[];
  readonly #exports: Export[] = [];

  constructor(session: Session) {
    const [own, foreign] = session.tenants;
    this.#session = session;
    this.#keys = [
      { id: 0, client: 0, text: own.exportKey, isRevoked: false },
      { id: 0, client: 1, text: foreign.exportKey, isRevoked: false },
    ];
  }

  /** Does one command. */
  async step(isolate: Isolate, command: ExportCommand): Promise<void> {
    switch (command.type) {
      case "makeKey":
        return this.#makeKey(isolate);
      case "revokeKey":
        return this.#revokeKey(isolate, command.key);
      case "export": {
        const ref = pick(this.#session.tables(0), command.table);
        const key = pick(this.#keys, command.key);
        if (ref !== undefined && key !== undefined) await this.#export(isolate, ref, key);
        return;
      }
      case "filteredExport": {
        const ref = pick(this.#session.tables(0), command.table);
        if (ref !== undefined) await this.#filtered(isolate, ref, command.filter, command.value);
        return;
      }
      default: {
        const one = pick(this.#exports, command.of);
        if (one === undefined) return;
        if (command.type === "deleteExport") return this.#delete(isolate, one);
        const key = pick(this.#keys, command.key);
        if (key === undefined) return;
        return command.type === "copy"
          ? this.#copy(isolate, one, key)
          : this.#download(isolate, one, key);
      }
    }
  }

  /** Exports the table with the most rows, and reads every file again. */
  async finish(): Promise<void> {
    const tables = [...this.#session.tables(0), ...this.#session.tables(1)];
    const [ref] = tables.toSorted((a, b) => b.table.rows.size - a.table.rows.size);
    const first = this.#keys[ref?.integration === 2 ? 1 : 0];
    if (ref !== undefined && first !== undefined) await this.#export(1, ref, first);
    for (const key of this.#keys.slice(0, 2)) {
      const { exports } = jsonOf<{ exports: Info[] }>(await this.#call(0, key, "GET", "/export"));
      const own = this.#exports.filter((one) => one.client === key.client && !one.isDeleted);
      same(
        exports.map(({ id, status }) => ({ id, status })),
        own.map((one) => ({ id: one.id, status: statusOf(one) })),
      );
      for (const one of this.#exports) await this.#download(0, one, key);
    }
  }

  #wire(key: ExportKey, method: string, path: string): Wire {
    const url = `https://headgate.example/0.1${path}`;
    return { url, init: { method, headers: { "X-RJM-API-Key": key.text } } };
  }

  #send(isolate: Isolate, key: ExportKey, method: string, path: string): Promise<Response> {
    return this.#session.send(isolate, this.#wire(key, method, path));
  }

  #call(isolate: Isolate, key: ExportKey, method: string, path: string): Promise<Answer> {
    return this.#session.read(isolate, this.#wire(key, method, path));
  }

  async #makeKey(isolate: Isolate): Promise<void> {
    const [own] = this.#session.tenants;
    const body = '{"name":"more","allowed_ips":["10.0.0.0/8"]}';
    const path = `/clients/${own.clientId}/export-keys`;
    const answer = await this.#session.admin(isolate, "POST", path, body);
    const { id, key: text } = jsonOf<{ id: number; key: string }>(answer, 201);
    this.#keys.push({ id, client: 0, text, isRevoked: false });
  }

  async #revokeKey(isolate: Isolate, index: number): Promise<void> {
    const [own] = this.#session.tenants;
    const key = pick(this.#keys, index);
    // The first key of each client stays, for the comparison at the end.
    if (key === undefined || key.id === 0) return;
    const path = `/clients/${own.clientId}/export-keys/${key.id}`;
    const { status } = await this.#session.admin(isolate, "DELETE", path);
    same(status, key.isRevoked ? 404 : 204);
    key.isRevoked = true;
  }

  async #export(isolate: Isolate, ref: TableRef, key: ExportKey): Promise<void> {
    const client = ref.integration === 2 ? 1 : 0;
    const id = await tableIdOf(this.#session, ref);
    const path = `/client/${this.#session.tenants[client].clientId}/table/${id}/export`;
    const answer = await this.#call(isolate, key, "POST", path);
    if (key.isRevoked || key.client !== client) {
      has(answer, { status: 403 });
      return;
    }
    const info = jsonOf<Info & { export_id: number }>(answer);
    has(info, { name: ref.name, export_id: info.id });
    await this.#read(isolate, info.id, { ref, admits: () => true });
  }

  async #filtered(isolate: Isolate, ref: TableRef, plan: FilterPlan, value: string): Promise<void> {
    const { column, operator } = plan;
    const [own] = this.#session.tenants;
    const type = ref.table.columns.find(({ name }) => name === column)?.type;
    // What other types are compared with is docs/reports.md's matter.
    const isFit = column === "s" ? type === "string" : type === "integer" || type === "decimal";
    if (!isFit) return;
    const operand = column === "s" ? '"x"' : value;
    const isUnary = operator === "is_null" || operator === "is_not_null";
    const filter = `{"column":"${column}","operator":"${operator}"${isUnary ? "" : `,"value":${operand}`}}`;
    const id = await tableIdOf(this.#session, ref);
    const body = `{"name":"part","table_id":${id},"filters":[${filter}]}`;
    const path = `/clients/${own.clientId}/exports`;
    const answer = await this.#session.admin(isolate, "POST", path, body);
    const info = jsonOf<Info>(answer, 201);
    same(info.name, "part");
    const admits = (fields: Fields): boolean => meets(fieldOf(fields, column), operator, operand);
    await this.#read(isolate, info.id, { ref, admits });
  }

  async #copy(isolate: Isolate, one: Export, key: ExportKey): Promise<void> {
    const answer = await this.#call(isolate, key, "POST", `/export/${one.id}/copy`);
    const status = this.#refusalOf(one, key);
    if (status !== undefined) {
      has(answer, { status });
      return;
    }
    const info = jsonOf<Info & { export_id: number }>(answer, 201);
    same(info.export_id, info.id);
    await this.#read(isolate, info.id, one);
  }

  /** Of a call with this key for an export: 403, 404 or none. */
  #refusalOf(one: Export, key: ExportKey): number | undefined {
    if (key.isRevoked) return 403;
    return one.isDeleted || key.client !== one.client ? 404 : undefined;
  }

  async #delete(isolate: Isolate, one: Export): Promise<void> {
    const [own] = this.#session.tenants;
    const path = `/clients/${own.clientId}/exports/${one.id}`;
    const { status } = await this.#session.admin(isolate, "DELETE", path);
    const isThere = !one.isDeleted && one.client === 0;
    same({ one: one.id, status }, { one: one.id, status: isThere ? 204 : 404 });
    if (isThere) one.isDeleted = true;
  }

  async #download(isolate: Isolate, one: Export, key: ExportKey): Promise<void> {
    const response = await this.#send(isolate, key, "GET", `/export/${one.id}`);
    const info = await this.#call(isolate, key, "GET", `/export/${one.id}/info`);
    const refusal = this.#refusalOf(one, key);
    has(info, { status: refusal ?? 200 });
    if (refusal === undefined) {
      has(JSON.parse(info.text), { id: one.id, status: statusOf(one) });
    }
    const status = refusal ?? (statusOf(one) === "Expired" ? 410 : 200);
    same(response.status, status);
    if (status === 200) same(await fileOf(response), one.file);
    else await response.body?.cancel();
  }

  /** Reads the file of a new export and compares it with the rows that there are now. */
  async #read(isolate: Isolate, id: number, definition: Definition): Promise<void> {
    const { admits, ref } = definition;
    const client = ref.integration === 2 ? 1 : 0;
    const key = this.#keys[client];
    if (key === undefined) return;
    let response = await this.#send(isolate, key, "GET", `/export/${id}`);
    // At the latest the third call (wire.md 4.2).
    for (let call = 2; call <= 3 && response.status === 404; call += 1) {
      await response.body?.cancel();
      response = await this.#send(isolate, key, "GET", `/export/${id}`);
    }
    const columns = ref.table.columns.map(({ name }) => name);
    const rows = [...ref.table.rows.values()].filter(({ fields }) => admits(fields));
    const cells = rows.map(({ fields }) => columns.map((name) => cellOf(fieldOf(fields, name))));
    const file = [columns, ...sortedRows(cells)];
    same(await fileOf(response), file);
    const info = jsonOf<Info>(await this.#call(isolate, key, "GET", `/export/${id}/info`));
    has(info, { status: "Completed", row_count: rows.length });
    const { ref: of, admits: by } = definition;
    this.#exports.push({
      id,
      client,
      ref: of,
      admits: by,
      file,
      completedAt: Date.now(),
      isDeleted: false,
    });
  }
}

function statusOf({ completedAt }: Export): string {
  return Date.now() - completedAt > KEPT_MS ? "Expired" : "Completed";
}
