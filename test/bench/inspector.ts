/** The V8 inspector of an isolate in workerd. */

/** An isolate as the inspector lists it. */
export interface InspectorTarget {
  title: string;
  id: string;
  webSocketDebuggerUrl: string;
}

/** The isolates of the workerd process whose inspector has this port. */
export async function inspectorTargets(port: number): Promise<InspectorTarget[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/json`);
  return answer.json<InspectorTarget[]>();
}

/** One isolate's inspector. */
export class InspectorSession {
  /** The isolate's title, such as `core:user:headgate`. */
  readonly isolate: string;
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private calls = 0;

  private constructor(target: InspectorTarget, socket: WebSocket) {
    this.isolate = target.title || target.id;
    this.socket = socket;
    socket.addEventListener("message", (event) => {
      const message = JSON.parse(String(event.data)) as { id?: number; result?: unknown };
      if (message.id === undefined) return;
      this.waiting.get(message.id)?.(message.result);
      this.waiting.delete(message.id);
    });
  }

  static async open(target: InspectorTarget): Promise<InspectorSession> {
    const socket = new WebSocket(target.webSocketDebuggerUrl);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`No inspector of ${target.id}.`)));
    await promise;
    return new InspectorSession(target, socket);
  }

  /** Calls a method of the protocol; resolves with its result, whatever that is. */
  call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.calls;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    this.waiting.set(id, resolve);
    this.socket.send(JSON.stringify({ id, method, params }));
    return promise;
  }

  close(): void {
    this.socket.close();
  }
}
