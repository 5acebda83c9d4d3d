// SPDX-License-Identifier: GPL-3.0-or-later
// Validates statements with ajv in strict mode: node validate.mjs MODULES SCHEMA FILE... prints each
// file and whether the schema takes it. A schema that does not compile is an error.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, schema, ...files] = process.argv.slice(2);
const Ajv = createRequire(modules + "/")("ajv/dist/2020.js").default;
const validate = new Ajv({ strict: true, allErrors: true }).compile(JSON.parse(readFileSync(schema, "utf8")));
for (const file of files) {
  const good = validate(JSON.parse(readFileSync(file, "utf8")));
  console.log(`${good ? "valid" : "invalid"} ${file}`);
  if (!good) console.error(file, JSON.stringify(validate.errors.slice(0, 3)));
}
