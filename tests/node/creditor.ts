// A creditor's own program, on the client that openapi-typescript makes of the gateway's contract: `node creditor.js`.
// tsc refuses it where a field, a parameter or an answer is not as the contract says. Prints what it was answered.
import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

const client = createClient<paths>({
  baseUrl: process.env.GATEWAY!,
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
});
const signal: components["schemas"]["Signal"] = {
  signal_id: "TS-1",
  contract: "TS-C-1",
  version: 1,
  kind: "REPORTED",
  partner_type: "RENT",
  amount_cents: 165000,
  reported_at: "2026-03-02T09:30:00Z",
  resident: { postcode: "1011 AB", house_number: "7" },
};

const posted = await client.POST("/signals", { body: signal });
if (posted.error) throw new Error(posted.error.code);
const wrong = await client.POST("/signals", { body: { ...signal, version: 2, amount_cents: -1 } });
const receipt = await client.GET("/signals/{signal_id}", { params: { path: { signal_id: signal.signal_id } } });
if (receipt.error) throw new Error(receipt.error.code);
const page = await client.GET("/feedback", { params: { query: { limit: 10 } } });
if (page.error) throw new Error(page.error.code);

console.log(JSON.stringify({
  stored: posted.response.status,
  wrong: wrong.error?.errors?.map((each) => each.field),
  receipt: [receipt.data.status, receipt.data.versions],
  told: page.data.feedback.length,
}));
