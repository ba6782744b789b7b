/** The token of `Authorization: Bearer <token>`, or null (wire.md 2.2; RFC 6750 2.1). */
export function bearerToken(request: Request): string | null {
  const header = request.headers.get("authorization");
  return header === null ? null : (/^bearer +(\S+) *$/i.exec(header)?.[1] ?? null);
}
