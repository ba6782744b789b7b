/**
 * Node's Buffer with its type: @cloudflare/workers-types declares the global as `any`, and what
 * is `any` escapes every check.
 */
// oxlint-disable-next-line typescript/no-unsafe-assignment -- see above
export const Buffer: BufferConstructor = globalThis.Buffer;
