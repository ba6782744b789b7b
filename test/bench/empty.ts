/**
 * What a Worker costs that does nothing: it reads and parses the body and answers like a push.
 */
import { Hono } from "hono";

const app = new Hono();

app.post("/v2/import/push", async (c) => {
  await c.req.json();
  return c.json({ status: "OK", message: "Batch Accepted!" }, 201);
});

// oxlint-disable-next-line import/no-default-export -- what workerd looks for
export default app;
