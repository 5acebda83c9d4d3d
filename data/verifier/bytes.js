// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes and their text forms, times, and how a check says no. Strict: one form only, or nothing.

// Thrown by every check; exit is as `quietus certificate verify` has it.
class Refusal extends Error {
  constructor(exit, reason) {
    super(reason);
    this.exit = exit;
  }
}

function need(good, reason, exit = 15) {
  if (!good) throw new Refusal(exit, reason);
}

function bytesOf(text) {
  return new TextEncoder().encode(text);
}

// Not UTF-8: refused.
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(15, "not UTF-8");
  }
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function equalBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function hexOf(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isHex64(text) {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

function base64Of(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 0x8000) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  }
  return btoa(parts.join(""));
}

// RFC 4648 section 4, the canonical form only: writing it again gives the same.
function bytesOfBase64(text) {
  need(typeof text === "string", "not base64");
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw new Refusal(15, "not base64");
  }
  const bytes = Uint8Array.from(raw, (c) => c.charCodeAt(0));
  need(base64Of(bytes) === text, "not canonical base64");
  return bytes;
}

function base64UrlOf(bytes) {
  return base64Of(bytes).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
}

function bytesOfBase64Url(text) {
  need(typeof text === "string" && /^[A-Za-z0-9_-]*$/.test(text), "not base64url");
  const plain = text.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = bytesOfBase64(plain + "=".repeat((4 - (plain.length % 4)) % 4));
  need(base64UrlOf(bytes) === text, "not canonical base64url");
  return bytes;
}

async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

async function sha512(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-512", bytes));
}

// A decimal number without sign or leading zeros, below 2^64; as BigInt.
function decimalOf(text) {
  need(/^(0|[1-9][0-9]{0,19})$/.test(text), "not a decimal number");
  const value = BigInt(text);
  need(value < 2n ** 64n, "not a decimal number of 64 bits");
  return value;
}

// Days from 1970 of a day of the calendar; refused if there is no such day.
function daysOf(year, month, day) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  need(month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1], "no such day");
  const y = month <= 2 ? year - 1 : year; // years that begin in March
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

// Microseconds since 1970, as BigInt, of the parts year to second.
function microsOf(parts, micros = 0) {
  const [year, month, day, hour, minute, second] = parts.map(Number);
  need(hour <= 23 && minute <= 59 && second <= 59, "no such time");
  const seconds = daysOf(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * 1000000n + BigInt(micros);
}

// RFC 3339 in UTC, "Z" only, 1 to 6 decimals.
function timeOf(text) {
  const form = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?Z$/;
  const found = typeof text === "string" && form.exec(text);
  need(found, "not a time in UTC (RFC 3339)");
  return microsOf(found.slice(1, 7), Number((found[7] || "0").padEnd(6, "0")));
}

function timeText(micros) {
  return new Date(Number(micros / 1000n)).toISOString().replace(".000Z", "Z");
}
