// SPDX-License-Identifier: GPL-3.0-or-later
// JSON that no two readers can understand differently: UTF-8, no key twice (capitals not counting),
// whole numbers within 2^53 - 1, depth 16, 4 MiB, nothing after the value but one line feed.

const kMaxJsonBytes = 4 * 1024 * 1024;
const kMaxJsonDepth = 16;

class StrictJson {
  // plainEscapes: of escapes only \", \\ and \n, as in envelopes.
  constructor(text, plainEscapes) {
    this.text = text;
    this.at = 0;
    this.plainEscapes = plainEscapes;
  }

  fail(what) {
    throw new Refusal(15, "not strict JSON at character " + this.at + ": " + what);
  }

  peek() {
    return this.text[this.at] ?? "";
  }

  space() {
    while (this.peek() !== "" && " \t\n\r".includes(this.peek())) this.at += 1;
  }

  take(wanted) {
    if (this.peek() !== wanted) return false;
    this.at += 1;
    return true;
  }

  whole() {
    const value = this.value(0);
    this.take("\n");
    if (this.at !== this.text.length) this.fail("something follows the value");
    return value;
  }

  value(depth) {
    this.space();
    const c = this.peek();
    if (c === "{") return this.object(depth);
    if (c === "[") return this.array(depth);
    if (c === '"') return this.string();
    if (c === "-" || (c >= "0" && c <= "9")) return this.number();
    return this.literal();
  }

  open(depth) {
    if (depth === kMaxJsonDepth) this.fail("nested too deeply");
    this.at += 1;
    this.space();
  }

  object(depth) {
    this.open(depth);
    const object = Object.create(null); // no inherited members to be mistaken for keys
    const seen = new Set();
    if (this.take("}")) return object;
    do {
      this.space();
      if (this.peek() !== '"') this.fail("a key is missing");
      const key = this.string();
      const folded = key.replace(/[A-Z]/g, (c) => c.toLowerCase());
      if (seen.has(folded)) this.fail("a key stands twice (capitals do not count)");
      seen.add(folded);
      this.space();
      if (!this.take(":")) this.fail("a colon is missing");
      object[key] = this.value(depth + 1);
      this.space();
    } while (this.take(","));
    if (!this.take("}")) this.fail("a comma or the end of the object is missing");
    return object;
  }

  array(depth) {
    this.open(depth);
    const array = [];
    if (this.take("]")) return array;
    do {
      array.push(this.value(depth + 1));
      this.space();
    } while (this.take(","));
    if (!this.take("]")) this.fail("a comma or the end of the list is missing");
    return array;
  }

  number() {
    const found = /^-?[0-9]*/.exec(this.text.slice(this.at, this.at + 20))[0];
    this.at += found.length;
    if (!/^(-?[1-9][0-9]{0,15}|0)$/.test(found)) this.fail("a number of another form");
    if (".eE".includes(this.peek()) && this.peek() !== "") this.fail("not a whole number");
    const value = Number(found);
    if (!Number.isSafeInteger(value)) this.fail("number too large");
    return value;
  }

  literal() {
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    return this.fail("no value");
  }

  string() {
    this.at += 1;
    const parts = [];
    for (;;) {
      const start = this.at;
      while (this.peek() !== "" && this.peek() !== '"' && this.peek() !== "\\" &&
             this.peek() >= " ") {
        this.at += 1;
      }
      parts.push(this.text.slice(start, this.at));
      if (this.take('"')) return parts.join("");
      if (!this.take("\\")) this.fail("a string does not end");
      parts.push(this.escape());
    }
  }

  escape() {
    const c = this.peek();
    const simple = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
    if (this.plainEscapes && !(c !== "" && '"\\n'.includes(c))) this.fail("a needless escape");
    if (c === "u") return this.unicode();
    if (!Object.hasOwn(simple, c)) this.fail("an unknown escape");
    this.at += 1;
    return simple[c];
  }

  hex4() {
    const digits = this.text.slice(this.at + 1, this.at + 5);
    if (this.peek() !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("no four digits");
    this.at += 5;
    return parseInt(digits, 16);
  }

  unicode() {
    const code = this.hex4();
    if (code < 0xd800 || code >= 0xe000) return String.fromCharCode(code);
    const pair = code < 0xdc00 && this.take("\\");
    const low = pair ? this.hex4() : 0;
    if (low < 0xdc00 || low >= 0xe000) this.fail("half of a surrogate pair");
    return String.fromCharCode(code, low);
  }
}

function strictJson(bytes, plainEscapes = false) {
  need(bytes.length <= kMaxJsonBytes, "longer than 4 MiB");
  return new StrictJson(textOf(bytes), plainEscapes).whole();
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(object, name) {
  return isObject(object) && Object.hasOwn(object, name);
}

function hasOnly(object, names) {
  return isObject(object) && Object.keys(object).every((name) => names.includes(name));
}

// What a JSON pointer without escapes names; undefined if nothing stands there.
function at(value, pointer) {
  let here = value;
  for (const part of pointer.split("/").slice(1)) {
    if (Array.isArray(here)) {
      here = /^(0|[1-9][0-9]*)$/.test(part) ? here[Number(part)] : undefined;
    } else {
      here = has(here, part) ? here[part] : undefined;
    }
  }
  return here;
}
