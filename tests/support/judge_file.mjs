// SPDX-License-Identifier: GPL-3.0-or-later
// One file by the verifier page's judge(), in Node: PAGE FILE TRUST [RECEIPT]. Ends with its exit code.
import fs from "fs";
import { judgeOf } from "./judge.mjs";

const [page, file, trust, receipt] = process.argv.slice(2);
const read = (path) => new Uint8Array(fs.readFileSync(path));
const verdict = await judgeOf(page)({
  certificate: read(file), trust: read(trust), receipts: receipt === undefined ? [] : [read(receipt)] });
const receipts = verdict.receipts.map((one) => (one.checked ? "checked" : "unchecked"));
console.log(verdict.exit, verdict.outcome, [...new Set(receipts)].join(" "));
if (verdict.exit !== 0) console.error(verdict.reason);
process.exit(verdict.exit);
