/** Resolves after so many ms; with 0 once the process has looked at what else there is to do. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
