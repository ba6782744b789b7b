/** The part of the client `pg` that the contestant uses; the package has no types of its own. */
declare module "pg" {
  /** Connections to one server, opened as they are needed. */
  export class Pool {
    constructor(options: { host: string; user: string; database: string; max: number });
    /** A statement with a name is prepared once for each connection. */
    query(statement: {
      name?: string;
      text: string;
      values?: readonly unknown[];
    }): Promise<{ rows: Record<string, unknown>[] }>;
    end(): Promise<void>;
  }
}
