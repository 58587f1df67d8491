// Parses an AsyncAPI file and its Avro schemas: `node asyncapi.js FILE`. Prints each fault; exit 1 where there is one.
import { Parser } from "@asyncapi/parser";
import { AvroSchemaParser } from "@asyncapi/avro-schema-parser";
import { readFileSync } from "node:fs";

const parser = new Parser();
parser.registerSchemaParser(AvroSchemaParser());
const { document, diagnostics } = await parser.parse(readFileSync(process.argv[2], "utf8"));
const faults = diagnostics.filter((each) => each.severity === 0);
for (const fault of faults) console.error(`${fault.path.join(".")}: ${fault.message}`);
for (const channel of document?.channels() ?? []) console.log(channel.address());
process.exitCode = faults.length || !document ? 1 : 0;
