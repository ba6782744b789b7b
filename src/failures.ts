/** What failed where the failure of a part must not keep the other parts from being done. */
export class Failures {
  #first: { readonly error: unknown } | undefined;

  /** Takes note of a failure. */
  add(error: unknown): void {
    this.#first ??= { error };
  }

  /**
   * To be called once all parts were tried.
   *
   * @throws the failure that was noted first, if there was one.
   */
  throwFirst(): void {
    if (this.#first !== undefined) throw this.#first.error;
  }
}
