/**
 * The rows of the export benchmark: a shop's orders, made by SQLite itself from nothing but their
 * ids, so that each run and each contestant has the same. About 180 bytes of JSON a row, 95 of CSV.
 */

/** The columns, in the order of the file. */
export const ORDER_COLUMNS = [
  "id",
  "order_number",
  "customer_email",
  "status",
  "total",
  "quantity",
  "created_at",
  "city",
] as const;

/** With what the orders of reports have more: for cohorts, a customer and since when it is one. */
export const REPORT_COLUMNS = [...ORDER_COLUMNS, "customer_id", "customer_since"] as const;

/** Columns of orders. */
export type OrderColumns = readonly (typeof REPORT_COLUMNS)[number][];

const FIRST_NAMES = words(
  "maria,jonas,wei,sofia,tom,amina,lucas,yuki,olga,pedro,ingrid,samir,chloe,david,nina,okafor",
);
const LAST_NAMES = words(
  "keller,rossi,baker,li,okoye,santos,novak,meyer,dubois,tanaka,garcia,smith,kowalski,hansen,ali," +
    "moreau,ivanova,nguyen,schmidt,brown,costa,jensen,lopez,murphy,weber,silva,kim,olsen,bauer,diaz",
);
const DOMAINS = words("example.com,example.org,mail.example.net,shop.example.co.uk,example.de");
const STATUSES = words("pending,paid,processing,shipped,complete,canceled");
const CITIES = words(
  "Berlin,München,Köln,Zürich,Kraków,São Paulo,Paris,London,New York,Málaga,Göteborg,東京,Reykjavík," +
    "Lyon,Austin,Łódź",
);

/**
 * A statement that fills the table `orders` with the orders 1 to ?1. Status, total and the like
 * come from the bits of two mixed numbers: `a` walks evenly, `b` is the middle of its square.
 * `total` is text, because a REAL would lose its last zero: 58.40.
 */
export const FILL_ORDERS = `INSERT INTO orders
WITH RECURSIVE ids (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?1),
  walk AS (SELECT id, (id * 2654435761) & 4294967295 AS a FROM ids),
  mixed AS (SELECT id, a >> 9 AS a, ((a * (a >> 7)) >> 19) & 1073741823 AS b FROM walk)
SELECT id,
  'W' || (200000000 + id * 3 + b % 3),
  ${pick(FIRST_NAMES, "a")} || '.' || ${pick(LAST_NAMES, "b")} || (b % 7919) || '@'
    || ${pick(DOMAINS, "(b >> 6)")},
  ${pick(STATUSES, "(b >> 3)")},
  (3 + b % 480) || '.' || substr('0' || (a % 100), -2),
  1 + (b >> 4) % 4,
  datetime(1546300800 + id * 12 + b % 11, 'unixepoch'),
  ${pick(CITIES, "(b >> 11)")}
FROM mixed`;

/** What people would have: a plain table with a column for each field. */
export const CREATE_ORDERS = `CREATE TABLE orders (
  id INTEGER PRIMARY KEY, order_number TEXT, customer_email TEXT, status TEXT, total TEXT,
  quantity INTEGER, created_at TEXT, city TEXT
)`;

/** Adds the columns of {@link REPORT_COLUMNS}: 100,000 customers, all of the year before. */
export const ADD_CUSTOMERS = `ALTER TABLE orders ADD COLUMN customer_id INTEGER;
  ALTER TABLE orders ADD COLUMN customer_since TEXT;
  UPDATE orders SET customer_id = ((id * 2654435761) & 4294967295) >> 7;
  UPDATE orders SET customer_id = customer_id % 100000;
  UPDATE orders SET
    customer_since = datetime(1514764800 + customer_id * 7919 % 31536000, 'unixepoch')`;

const NUMBERS: OrderColumns = ["id", "total", "quantity", "customer_id"];

/** SQL for an order's JSON as a client would push it: no text in it needs an escape. */
export function orderJson(columns: OrderColumns): string {
  const members = columns.map((column) => {
    const isNumber = NUMBERS.includes(column);
    return isNumber ? `'"${column}":' || ${column}` : `'"${column}":"' || ${column} || '"'`;
  });
  return `'{' || ${members.join(" || ',' || ")} || '}'`;
}

/** The key text of an order, as src/warehouse/keys.ts writes that of an integer. */
export const ORDER_KEY = "substr('ABCDEFGHIJKLMNOPQRSTU', length(id), 1) || id";

interface Words {
  texts: string[];
  width: number;
}

function words(list: string): Words {
  const texts = list.split(",");
  return { texts, width: Math.max(...texts.map((text) => text.length)) };
}

/** SQL for one of the words: all stand in one text, each with the same width. */
function pick({ texts, width }: Words, number: string): string {
  const padded = texts.map((text) => text.padEnd(width)).join("");
  return `rtrim(substr('${padded}', ${number} % ${texts.length} * ${width} + 1, ${width}))`;
}
