// SPDX-License-Identifier: GPL-3.0-or-later
// Scheme files: what is read, and the exact words for what is not.
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "quietus/scheme.h"

using namespace quietus;

namespace {

constexpr const char* kHead = "id = \"site-1\"\ntitle = \"Ours\"\n";

Result<Scheme> read(const std::string& text) { return scheme_from_toml(text, "s.toml"); }

std::string error_of(const std::string& text) {
  const auto scheme = read(text);
  if (scheme.ok()) return "accepted";
  CHECK(scheme.error().code == Errc::malformed);
  return scheme.error().what;
}

/// With a good head of two lines; the text begins on line 3.
std::string error_after_head(const std::string& text) { return error_of(kHead + text); }

std::string id_error(const std::string& id) {
  return error_of("id = \"" + id + "\"\ntitle = \"t\"\n[[pass]]\nrandom = true\n");
}

}  // namespace

TEST_CASE("scheme file: everything it can say") {
  const auto scheme = read(R"(# a comment
id = "site-4"
title = "Our four passes"
standard = "Site instruction 12"
note = "For the tape library's cache disks"

[[pass]]
hex = "92 49 24"

[[pass]]
drawn = "C1"
verify = true

[[pass]]
complement_of = "C1"
verify = false

[[pass]]
random = true
verify = true
)");
  REQUIRE_MESSAGE(scheme.ok(), scheme.error().what);
  CHECK(scheme->id == "site-4");
  CHECK(scheme->title == "Our four passes");
  CHECK(scheme->standard == "Site instruction 12");
  CHECK(scheme->clause.empty());
  CHECK(scheme->note == "For the tape library's cache disks");
  CHECK(scheme->status == SchemeStatus::custom);
  CHECK(scheme->order == PassOrder::as_listed);
  REQUIRE(scheme->passes.size() == 4);
  const std::vector<std::string> texts{"92 49 24", "C1", "~C1", "random"};
  const std::vector<bool> verify{false, true, false, true};
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(to_text(scheme->passes[i].pattern) == texts[i]);
    CHECK(scheme->passes[i].verify == verify[i]);
  }
}

TEST_CASE("scheme file: the least one, other spellings of TOML, upper and lower case digits") {
  CHECK(error_after_head("[[pass]]\nrandom = true\n") == "accepted");
  CHECK(error_after_head("pass = [{random = true}, {hex = \"aB Cd\"}]\r\n") == "accepted");
  const auto scheme = read(std::string(kHead) + "[[pass]]\nhex = \"aB Cd\"");
  REQUIRE(scheme.ok());
  CHECK(to_text(scheme->passes[0].pattern) == "AB CD");
}

TEST_CASE("scheme file: ids") {
  const std::string form = "s.toml:1: id: expected 1 to 64 of a-z, 0-9 and -, the first not -";
  CHECK(id_error("a") == "accepted");
  CHECK(id_error("0-a-") == "accepted");
  CHECK(id_error("shredder-3") == "accepted");
  CHECK(id_error("shred-3x") == "accepted");
  CHECK(id_error(std::string(64, 'a')) == "accepted");
  for (const auto& id : {std::string(), std::string("-a"), std::string("A"), std::string("a_b"),
                         std::string("a b"), std::string(65, 'a'), std::string("\xc3\xa9")}) {
    CHECK(id_error(id) == form);
  }
  for (const auto* id :
       {"moj-3r", "gutmann35", "shred-3", "shred-7", "shred-1001", "shred-03", "shred-"}) {
    CHECK(id_error(id) == "s.toml:1: id: expected an id that no built-in scheme has");
  }
  CHECK(error_of("title = \"t\"\n[[pass]]\nrandom = true\n") == form);
  CHECK(error_of("id = 3\ntitle = \"t\"\n[[pass]]\nrandom = true\n") == form);
}

TEST_CASE("scheme file: texts") {
  const std::string pass = "[[pass]]\nrandom = true\n";
  CHECK(error_of("id = \"a\"\n" + pass) == "s.toml:1: title: expected a title");
  CHECK(error_of("id = \"a\"\ntitle = \"\"\n" + pass) == "s.toml:2: title: expected a title");
  CHECK(error_of("id = \"a\"\ntitle = 3\n" + pass) ==
        "s.toml:2: title: expected one line of text of at most 200 bytes");
  CHECK(error_of("id = \"a\"\ntitle = \"x\\ny\"\n" + pass) ==
        "s.toml:2: title: expected one line of text of at most 200 bytes");
  CHECK(error_after_head("standard = \"" + std::string(201, 'x') + "\"\n" + pass) ==
        "s.toml:3: standard: expected one line of text of at most 200 bytes");
  CHECK(error_after_head("note = \"" + std::string(1000, 'x') + "\"\n" + pass) == "accepted");
  CHECK(error_after_head("note = \"" + std::string(1001, 'x') + "\"\n" + pass) ==
        "s.toml:3: note: expected one line of text of at most 1000 bytes");
  CHECK(error_after_head("note = \"\\u001b[2J\"\n" + pass) ==
        "s.toml:3: note: expected one line of text of at most 1000 bytes");
}

TEST_CASE("scheme file: unknown keys") {
  CHECK(error_after_head("colour = \"red\"\n[[pass]]\nrandom = true\n") ==
        "s.toml:3: colour: expected no such key");
  CHECK(error_after_head("[[pass]]\nrandom = true\nverfy = true\n") ==
        "s.toml:5: verfy: expected no such key");
  CHECK(error_after_head("\"a\\u001bb\" = 1\n[[pass]]\nrandom = true\n") ==
        "s.toml:3: a\x1b"
        "b: expected no such key");
}

TEST_CASE("scheme file: passes") {
  const std::string count = ": pass: expected 1 to 1000 tables [[pass]]";
  const std::string one = ": pass: expected exactly one of hex, random, drawn and complement_of";
  CHECK(error_of(kHead) == "s.toml:1" + count);
  CHECK(error_after_head("pass = []\n") == "s.toml:3" + count);
  CHECK(error_after_head("pass = 7\n") == "s.toml:3" + count);
  CHECK(error_after_head("[pass]\nrandom = true\n") == "s.toml:3" + count);
  CHECK(error_after_head("pass = [1]\n") == "s.toml:3: pass: expected a table [[pass]]");
  CHECK(error_after_head("[[pass]]\n") == "s.toml:3" + one);
  CHECK(error_after_head("[[pass]]\nverify = true\n") == "s.toml:3" + one);
  CHECK(error_after_head("[[pass]]\nhex = \"00\"\nrandom = true\n") == "s.toml:5" + one);
  CHECK(error_after_head("[[pass]]\nrandom = false\n") == "s.toml:4: random: expected true");
  CHECK(error_after_head("[[pass]]\nrandom = 1\n") == "s.toml:4: random: expected true");
  CHECK(error_after_head("[[pass]]\nrandom = true\nverify = \"yes\"\n") ==
        "s.toml:5: verify: expected true or false");
}

TEST_CASE("scheme file: the number of passes") {
  std::string passes;
  for (int i = 0; i < 1000; ++i) passes += "[[pass]]\nrandom = true\n";
  CHECK(read(kHead + passes)->passes.size() == 1000);
  CHECK(error_after_head(passes + "[[pass]]\nrandom = true\n")
            .ends_with(": pass: expected 1 to 1000 tables [[pass]]"));
}

TEST_CASE("scheme file: bytes in hexadecimal") {
  std::string longest = "00";
  for (int i = 1; i < 512; ++i) longest += " 5A";
  CHECK(error_after_head("[[pass]]\nhex = \"" + longest + "\"\n") == "accepted");
  const std::string form = "s.toml:4: hex: expected 1 to 512 bytes such as \"92 49 24\"";
  for (const auto& hex :
       {longest + " 00", std::string(), std::string("0"), std::string("000"), std::string("00 "),
        std::string(" 00"), std::string("0000"), std::string("00  00"), std::string("00,00"),
        std::string("0g"), std::string("0x00"), std::string("C1 ~C1")}) {
    CHECK_MESSAGE(error_after_head("[[pass]]\nhex = \"" + hex + "\"\n") == form, hex);
  }
  CHECK(error_after_head("[[pass]]\nhex = 0\n") == form);
}

TEST_CASE("scheme file: drawn bytes and complements") {
  const std::string c1 = "[[pass]]\ndrawn = \"C1\"\n";
  CHECK(error_after_head(c1 + "[[pass]]\ncomplement_of = \"C1\"\n") == "accepted");
  const std::string earlier = ": complement_of: expected a byte that an earlier pass draws";
  CHECK(error_after_head("[[pass]]\ncomplement_of = \"C1\"\n" + c1) == "s.toml:4" + earlier);
  CHECK(error_after_head(c1 + "[[pass]]\ncomplement_of = \"C2\"\n") == "s.toml:6" + earlier);
  for (const auto* name : {"C0", "C01", "c1", "C", "C1001", "1", "", "C1 ", "~C1", "C4294967297"}) {
    CHECK_MESSAGE(error_after_head(std::string("[[pass]]\ndrawn = \"") + name + "\"\n") ==
                      "s.toml:4: drawn: expected \"C1\" to \"C1000\"",
                  name);
  }
}

TEST_CASE("scheme file: what is not TOML") {
  CHECK(error_of("id = \n").starts_with("s.toml:1: TOML: "));
  CHECK(error_after_head("= 3\n").starts_with("s.toml:3: TOML: "));
  CHECK(error_after_head("title = \"again\"\n").starts_with("s.toml:3: TOML: "));
  CHECK(error_of(std::string("id = \"\xff\xfe\"\n")).starts_with("s.toml:1: TOML: "));
  CHECK(error_of("\x1b[2J").find('\x1b') == std::string::npos);
  CHECK(error_of("") == "s.toml:1: id: expected 1 to 64 of a-z, 0-9 and -, the first not -");
}

TEST_CASE("scheme file: huge and deep files are refused") {
  std::string huge = std::string(kHead) + "[[pass]]\nrandom = true\n";
  huge += "#" + std::string(65536 - huge.size() - 1, 'x');
  CHECK(error_of(huge) == "accepted");
  CHECK(error_of(huge + "x") == "s.toml:1: file: expected at most 65536 bytes");
  CHECK(error_of("a = " + std::string(60000, '[')).starts_with("s.toml:1: TOML: "));
  std::string inline_tables = "a = ";
  for (int i = 0; i < 9000; ++i) inline_tables += "{a = ";
  CHECK(error_of(inline_tables).starts_with("s.toml:1: TOML: "));
  std::string dotted = "a";
  for (int i = 0; i < 30000; ++i) dotted += ".a";
  CHECK(error_of(dotted + " = 1") == "s.toml:1: file: expected at most 1000 full stops");
  CHECK(error_of("[" + dotted + "]") == "s.toml:1: file: expected at most 1000 full stops");
  std::string deepest = "a";
  for (int i = 0; i < 1000; ++i) deepest += ".a";
  CHECK(error_of(deepest + " = 1") == "s.toml:1: a: expected no such key");
}
