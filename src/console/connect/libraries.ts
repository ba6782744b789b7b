/**
 * The lines that point a client library at this deployment: those of README's table, each tried
 * with the library as it is, and a first push in the library's own words (seeds
 * 000_8aa451ab9220e75b.txt, 001_a852f3351d49ca23.txt and 004_53a97ce4b190a6d4.txt).
 */

/** What the lines are filled in with. */
export interface Place {
  /** `https://headgate.example.com`, without a slash at the end. */
  readonly base: string;
  readonly clientId: number;
}

/** A library, with its lines for a place. The token stands as TOKEN in them. */
export interface Library {
  readonly id: string;
  readonly language: string;
  readonly name: string;
  /** Where the lines go, where that is not the program itself. */
  readonly where?: string;
  readonly lines: (place: Place) => string;
}

const rjmetrics: readonly Library[] = [
  {
    id: "javascript",
    language: "JavaScript",
    name: "RJMetrics-js",
    lines: ({ base, clientId }) => `const rjmetrics = require("rjmetrics");
rjmetrics.Client.API_BASE = "${base}/v2";

const client = new rjmetrics.Client(${clientId}, "TOKEN");
client.pushData("orders", [{ keys: ["id"], id: 1, total: 58.4 }])
  .then((data) => console.log("saved", data))
  .fail((error) => console.error(error));`,
  },
  {
    id: "php",
    language: "PHP",
    name: "RJMetrics-php",
    where: "The first line replaces the one in src/RJMetrics/Client.php.",
    lines: ({ base, clientId }) => `const API_BASE = "${base}/v2";

$client = new \\RJMetrics\\Client(${clientId}, "TOKEN");
$order = new stdClass();
$order->keys = ["id"];
$order->id = 1;
$order->total = 58.40;
$client->pushData("orders", $order);`,
  },
  {
    id: "clojure",
    language: "Clojure",
    name: "RJMetrics-clj",
    lines: ({ base, clientId }) => `(require '[rjmetrics.core :as rjmetrics])
(alter-var-root #'rjmetrics/API-BASE (constantly "${base}/v2"))

(rjmetrics/push-data {:client-id ${clientId} :api-key "TOKEN"}
                     "orders"
                     [{:keys ["id"] :id 1 :total 58.40M}])`,
  },
  {
    id: "ruby",
    language: "Ruby",
    name: "RJMetrics-ruby",
    lines: ({ base, clientId }) => `require "rjmetrics_client"
RJMetrics::Client::API_BASE.replace "${base}/v2"

client = RJMetricsClient.new(${clientId}, "TOKEN")
client.pushData("orders", [{ "keys" => ["id"], "id" => 1, "total" => 58.4 }])`,
  },
  {
    id: "python",
    language: "Python",
    name: "RJMetrics-py",
    lines: ({ base, clientId }) => `from rjmetrics.client import Client
Client.API_BASE = "${base}/v2"

client = Client(${clientId}, "TOKEN")
client.push_data("orders", [{"keys": ["id"], "id": 1, "total": 58.40}])`,
  },
];

const stitch: readonly Library[] = [
  {
    id: "stitch",
    language: "Stitch",
    name: "Stitch Import API, by curl",
    lines: ({ base, clientId }) => `curl ${base}/v2/import/push \\
  -H 'Authorization: Bearer TOKEN' \\
  -H 'Content-Type: application/json' -H 'Accept: application/json' \\
  -d '[{"client_id":${clientId},"table_name":"orders","action":"upsert","sequence":1,
        "key_names":["id"],"data":{"id":1,"total":58.40}}]'`,
  },
  {
    id: "stitch-python",
    language: "Stitch, Python",
    name: "python-stitch-client",
    lines: ({ base, clientId }) => `from stitchclient.client import Client

with Client(${clientId}, "TOKEN",
            override_stitch_url="${base}/v2/import/push") as client:
    client.push({"action": "upsert", "table_name": "orders", "sequence": 1,
                 "key_names": ["id"], "data": {"id": 1, "total": 58.40}})`,
  },
  {
    id: "stitch-java",
    language: "Stitch, Java",
    name: "java-stitch-client",
    lines: ({ base, clientId }) => `StitchClient client = new StitchClientBuilder()
    .withClientId(${clientId})
    .withToken("TOKEN")
    .withNamespace("shop")
    .withPushUrl("${base}/v2/import/push")
    .build();`,
  },
  {
    id: "stitch-clojure",
    language: "Stitch, Clojure",
    name: "clojure-stitch-client",
    lines: ({ base, clientId }) => `(sc/client {::sc/client-id ${clientId}
            ::sc/token "TOKEN"
            ::sc/namespace "shop"
            ::sc/push-url "${base}/v2/import/push"})`,
  },
  {
    id: "stitch-ruby",
    language: "Stitch, Ruby",
    name: "stitch_data",
    lines: ({ base }) => `require "stitch_data"
StitchData::Api.const_set(:API_BASE_URL, "${base}/v2/import")`,
  },
  {
    id: "singer",
    language: "Singer",
    name: "target-stitch",
    where: "The file config.json of the target.",
    lines: ({ base, clientId }) => `{
  "client_id": ${clientId},
  "token": "TOKEN",
  "small_batch_url": "${base}/v2/import/batch",
  "big_batch_url": "${base}/v2/import/batch",
  "batch_size_preferences": {}
}`,
  },
];

const others: readonly Library[] = [
  {
    id: "native",
    language: "New programs",
    name: "Headgate's own import, by curl",
    lines: ({ base }) => `curl '${base}/api/v1/tables/orders/rows?keys=id' \\
  -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\
  -d '[{"id":1,"total":58.40}]'`,
  },
  {
    id: "export",
    language: "Export API",
    name: "programs that export",
    where: "With an export key in place of KEY, from an address of its list.",
    lines: ({ base, clientId }) =>
      `curl -H 'X-RJM-API-Key: KEY' ${base}/0.1/client/${clientId}/table`,
  },
];

/** All of them, in the order in which the page shows them. */
export const LIBRARIES: readonly Library[] = [...rjmetrics, ...stitch, ...others];
