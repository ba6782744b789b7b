/** What the bundler of the tests puts in place of a call: the texts of files (vite.dev/guide/features). */
interface ImportMeta {
  glob<T>(
    pattern: string,
    options: { readonly query: "?raw"; readonly import: "default"; readonly eager: true },
  ): Readonly<Record<string, T>>;
}
