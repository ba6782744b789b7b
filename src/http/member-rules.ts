/** What requests with members share: texts that may be names, and what is said of wrong members. */

/** Control characters, line ends, and surrogates without a partner, which the store would change. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Says of a member that it is absent, or not what the rule says; `rule` completes "must be …". */
export const expecting =
  (rule: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    input === undefined ? "is missing" : `must be ${rule}`;
