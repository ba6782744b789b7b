/** The part of papaparse 5.7 that the tests use; the package has no types of its own. */
declare module "papaparse" {
  interface ParseConfig {
    delimiter: string;
    newline: string;
  }
  const Papa: {
    parse(text: string, config: ParseConfig): { data: string[][]; errors: unknown[] };
  };
  export default Papa;
}
