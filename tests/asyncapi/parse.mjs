// Prints what the reference parser finds wrong with a document: one line each, nothing where it is accepted.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const errors = diagnostics.filter((each) => each.severity === 0);
for (const each of errors) console.log(`${each.path.join("/")}: ${each.message}`);
if (!document && errors.length === 0) console.log("no document");
