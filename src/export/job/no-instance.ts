/** Whether the Workflow says that it has no such instance: it never had, or has forgotten it. */
export function isNoInstance(error: unknown): boolean {
  return error instanceof Error && error.message.includes("instance.not_found");
}
