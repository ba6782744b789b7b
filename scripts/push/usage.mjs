/** What `--help` prints. */
export const USAGE = `Usage: npm run push -- FILE --table NAME [options]
  FILE                 .csv, .tsv, .ndjson, .jsonl or .json (one array), or such a file with .gz;
                       - is standard input, which cannot be resumed
  --table NAME         table to load into
  --url URL            the service (default http://localhost:8787)
  HEADGATE_TOKEN       environment variable with the import token
  --token-file PATH    file with the import token
  --token TOKEN        import token, for all who list processes to see

What is stored
  --keys id,lang       key columns; "" for a table without keys (default: the table's own)
  --sequence N         sequence of all rows: only a higher one replaces a row
  --sequence-field COL column with the sequence of each row
  --on-error MODE      stop (default) or skip: leave bad rows out, and write them to
                       FILE.rejected.ndjson
  --dry-run            have the service check everything and store nothing

How FILE is read
  --format F           csv, tsv, ndjson or json, also with .gz (default: by the name of FILE)
  --delimiter C        between the fields of CSV (default , and a tab for tsv)
  --types TYPES        auto, or a list as id:integer,total:decimal,paid:boolean,meta:json;
                       columns that it does not name are texts
  --empty E            what an empty field is: null (default), text or omit

How it is sent
  --batch-rows N       rows of a request (default 5000; with --on-error skip 1000)
  --batch-bytes N      bytes of a request before gzip (default 4000000)
  --concurrency N      requests at once (default 1; more only with a sequence)
  --no-gzip            send without gzip
  --retries N          how often a request is sent again (default 10)
  --retry-seconds N    how long a request is sent again (default 600)
  --timeout N          seconds to wait for an answer (default 180)

  --restart            forget the load that stopped, and begin anew
  --no-resume          keep no state, and begin anew
  --quiet              print nothing but errors
  --help`;
