// An outreach tool's own program, as creditor.ts: the feed, then what came of the first household.
import createClient from "openapi-fetch";
import type { components, paths } from "./gateway.js";

const client = createClient<paths>({
  baseUrl: process.env.GATEWAY!,
  headers: { Authorization: `Bearer ${process.env.TOKEN}` },
});
const page = await client.GET("/updates", { params: { query: {} } });
if (page.error || page.data === undefined) throw new Error(page.error?.code);
const [first] = page.data.updates;
const outcome: components["schemas"]["Outcome"] = {
  outcome_id: "TS-V-1",
  household: first.household,
  at: "2026-03-03T18:40:00Z",
  attempt: { channel: "VISIT", reached: true, on: "2026-03-03", day_part: "EVENING" },
};
const reported = await client.POST("/outcomes", { body: outcome });
if (reported.error) throw new Error(reported.error.code);
const again = await client.GET("/updates", { params: { query: { after: page.data.next } } });

console.log(JSON.stringify({
  band: first.update?.band,
  reported: reported.data.outcome_id,
  more: again.data?.updates.length,
}));
