// SPDX-License-Identifier: GPL-3.0-or-later
// Leaves and bodies: one form, read strictly.
#include <doctest/doctest.h>
#include <string>

#include "quietus/digest.h"
#include "quietus/ledger.h"
#include "quietus/text.h"

#include "ledger/leaf.h"
#include "support/fixed_seams.h"

namespace quietus {
namespace {

using namespace ledger;

const std::string kKey(64, 'b');
const std::string kHash(64, 'c');
const std::string kAsset(32, 'a');

std::string line_of(const std::string& type, const std::string& extra = "") {
  return "{\"v\":1,\"type\":\"" + type + "\",\"at\":\"2026-01-02T03:04:05Z\",\"asset\":\"" +
         kAsset + "\",\"prev\":\"\",\"body\":\"" + kHash + "\",\"by\":\"" + kKey + "\"" + extra +
         "}";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != text.npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("ledger entry: a leaf is read and written in one form") {
  const std::string line = line_of("sanitize.started");
  const auto entry = ledger_entry_from(line);
  REQUIRE(entry.ok());
  CHECK(entry->line == line);
  CHECK(entry->type == "sanitize.started");
  CHECK(entry->at == "2026-01-02T03:04:05Z");
  CHECK(entry->asset == kAsset);
  CHECK(entry->prev.empty());
  CHECK(entry->body_commitment == kHash);
  CHECK(entry->by == kKey);
  CHECK(entry->certificate.empty());
  CHECK_FALSE(entry->body.has_value());
  CHECK(leaf_line(*entry).value() == line);
}

TEST_CASE("ledger entry: the certificate's digest goes with certificate.issued only") {
  const std::string digest = ",\"certificate\":\"" + std::string(64, 'd') + "\"";
  const auto entry = ledger_entry_from(line_of("certificate.issued", digest));
  REQUIRE(entry.ok());
  CHECK(entry->certificate == std::string(64, 'd'));
  CHECK(leaf_line(*entry).value() == entry->line);
  CHECK_FALSE(ledger_entry_from(line_of("certificate.issued")).ok());
  CHECK_FALSE(ledger_entry_from(line_of("asset.held", digest)).ok());
  LedgerEntry wrong = *entry;
  wrong.type = "asset.held";
  CHECK(leaf_line(wrong).error().code == Errc::invalid);
  wrong = *entry;
  wrong.certificate.clear();
  CHECK(leaf_line(wrong).error().code == Errc::invalid);
}

TEST_CASE("ledger entry: cut, lengthened or changed at any byte it fails or says something else") {
  const std::string line = line_of("asset.held");
  const LedgerEntry original = ledger_entry_from(line).value();
  for (std::size_t at = 0; at < line.size(); ++at) {
    CAPTURE(at);
    CHECK_FALSE(ledger_entry_from(line.substr(0, at)).ok());
    CHECK_FALSE(ledger_entry_from(line.substr(at + 1)).ok());
    for (const char c : {'"', '\\', '\n', ' ', '\0', '\x80', 'A'}) {
      std::string changed = line;
      changed[at] = c;
      if (changed == line) continue;
      CHECK_FALSE(ledger_entry_from(changed).ok());
    }
  }
  for (const char* tail : {"\n", " ", "}", "x", "\r\n"}) {
    CHECK_FALSE(ledger_entry_from(line + tail).ok());
    CHECK_FALSE(ledger_entry_from(tail + line).ok());
  }
}

TEST_CASE("ledger entry: what a laxer reader would take is malformed") {
  const std::string line = line_of("asset.held");
  const std::string type = "\"type\":\"asset.held\"";
  const std::vector<std::string> wrong = {
      replaced(line, type, type + "," + type),               // twice
      replaced(line, "\"type\"", "\"Type\""),                // capitals
      replaced(line, type, type + ",\"more\":\"\""),         // unknown member
      replaced(line, "\"v\":1", "\"v\":2"),                  // other version
      replaced(line, "\"v\":1", "\"v\":1.0"),                // float
      replaced(line, "\"v\":1", "\"v\":9007199254740993"),   // too large
      replaced(line, "\"v\":1", "\"v\":\"1\""),              // text
      replaced(line, "\"prev\":\"\"", "\"prev\":null"),      // null
      replaced(line, "\"prev\":\"\"", "\"prev\":[[[[]]]]"),  // nested
      replaced(line, "\"prev\":\"\"", "\"prev\":\"" + kHash.substr(1) + "\""),
      replaced(line, ":\"asset", ": \"asset"),            // space
      replaced(line, "asset.held", "asset\\u002eheld"),   // escape
      replaced(line, "asset.held", "asset.h\xc3\xa9ld"),  // not ASCII
      replaced(line, "asset.held", ""),
      replaced(line, "asset.held", std::string(65, 'x')),
      replaced(line, "2026-01-02T03:04:05Z", "2026-13-02T03:04:05Z"),
      replaced(line, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
      replaced(line, kAsset, std::string(32, 'A')),
      replaced(line, kAsset, std::string(31, 'a')),
      replaced(line, kKey, ""),
      "\xef\xbb\xbf" + line,
      std::string(70'000, ' ') + line,
      "",
      "{}",
      "[]",
      "null",
  };
  for (const std::string& text : wrong) {
    CAPTURE(text);
    const auto entry = ledger_entry_from(text);
    REQUIRE_FALSE(entry.ok());
    CHECK(entry.error().code == Errc::malformed);
  }
  CHECK(ledger_entry_from(replaced(line, "asset.held", std::string(64, 'x'))).ok());
}

TEST_CASE("ledger body: the commitment is SHA-256 of label, zero, salt and body") {
  test::FixedRandom random;
  Bytes salt(16);
  REQUIRE(test::FixedRandom().fill(salt).ok());
  const std::string body = "{\"name\":\"caf\xc3\xa9\",\"path\":\"a\\\\b\\n\",\n\t\"n\":[1,2]}";
  const auto sealed = seal_body(body, random);
  REQUIRE(sealed.ok());
  const std::string committed = std::string("quietus-commit-v1") + '\0' + text_of(salt) + body;
  CHECK(sealed->commitment == to_hex(sha256(bytes_of(committed))));
  CHECK(sealed->file_text.starts_with("{\"salt\":\"" + to_hex(salt) + "\",\"body\":\""));
  CHECK(open_body(sealed->file_text, sealed->commitment).value() == body);
}

TEST_CASE("ledger body: a changed file does not open") {
  test::FixedRandom random;
  const auto sealed = seal_body("{\"a\":1}", random).value();
  for (std::size_t at = 0; at < sealed.file_text.size(); ++at) {
    CAPTURE(at);
    std::string changed = sealed.file_text;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK(open_body(changed, sealed.commitment).error().code == Errc::malformed);
    const std::string cut = sealed.file_text.substr(0, at);
    if (at + 1 < sealed.file_text.size()) CHECK_FALSE(open_body(cut, sealed.commitment).ok());
  }
  CHECK_FALSE(open_body(sealed.file_text, std::string(64, '0')).ok());
  CHECK_FALSE(open_body("{\"salt\":1,\"body\":\"{}\"}", sealed.commitment).ok());
  CHECK_FALSE(open_body("[]", sealed.commitment).ok());
  CHECK_FALSE(open_body(replaced(sealed.file_text, "}\n", ",\"x\":1}\n"), sealed.commitment).ok());
}

TEST_CASE("ledger body: only one strict JSON object of reasonable length") {
  test::FixedRandom random;
  for (const char* body : {"", "1", "[]", "{", "{\"a\":1.5}", "{\"a\":1,\"A\":2}", "\xff", " {}"}) {
    CAPTURE(body);
    CHECK(seal_body(body, random).error().code == Errc::invalid);
  }
  const std::string large = "{\"a\":\"" + std::string(kMaxBodyBytes - 8, '\t') + "\"}";
  CHECK(seal_body(large, random).error().code == Errc::invalid);  // a raw tab
  const std::string text(kMaxBodyBytes - 8, 'x');
  const auto sealed = seal_body("{\"a\":\"" + text + "\"}", random);
  REQUIRE(sealed.ok());
  CHECK(open_body(sealed->file_text, sealed->commitment).ok());
  CHECK_FALSE(seal_body("{\"a\":\"x" + text + "\"}", random).ok());
}

TEST_CASE("ledger body: the largest body with the most escapes still opens") {
  test::FixedRandom random;
  std::string inner;
  while (inner.size() + 2 <= kMaxBodyBytes - 8) inner += "\\\"";
  const std::string body = "{\"a\":\"" + inner + "\"}";
  const auto sealed = seal_body(body, random).value();
  CHECK(open_body(sealed.file_text, sealed.commitment).value() == body);
}

}  // namespace
}  // namespace quietus
