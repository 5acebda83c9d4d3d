// SPDX-License-Identifier: GPL-3.0-or-later
// The corpus by the verifier page's judge(), in Node: PAGE FOLDER. Ends with 1 where an answer differs.
import { casesOf, judgeOf, withheldOf } from "./judge.mjs";

const [page, folder] = process.argv.slice(2);
const judge = judgeOf(page);
let wrong = 0;
const cases = casesOf(folder);
for (const one of cases) {
  const verdict = await judge(one.input);
  const withheld = verdict.exit === 0 ? withheldOf(verdict) : undefined;
  const same = verdict.exit === one.exit &&
               (one.exit !== 0 || JSON.stringify(withheld) === JSON.stringify(one.withheld));
  if (same) continue;
  wrong += 1;
  console.log(`${one.file}: expected ${one.exit} ${one.withheld ?? ""}, found ${verdict.exit} ` +
              `${verdict.reason} ${withheld ?? ""}`);
}
console.log(`${cases.length} cases, ${wrong} judged otherwise`);
process.exit(wrong === 0 && cases.length >= 150 ? 0 : 1);
