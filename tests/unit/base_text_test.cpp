// SPDX-License-Identifier: GPL-3.0-or-later
// Text forms: what is written is read back, and nothing else is read.
#include <doctest/doctest.h>
#include <string>

#include "quietus/medium.h"
#include "quietus/text.h"

using namespace quietus;
using std::chrono::microseconds;

namespace {

Time at(std::int64_t seconds, std::int64_t micros = 0) {
  return Time(std::chrono::seconds(seconds)) + microseconds(micros);
}

bool reads_time(std::string_view text) { return from_rfc3339(text).ok(); }

}  // namespace

TEST_CASE("hexadecimal is lower case both ways") {
  CHECK(to_hex(bytes_of(std::string_view("\x00\x0f\xa5\xff", 4))) == "000fa5ff");
  CHECK(text_of(from_hex("000fa5ff").value()) == std::string("\x00\x0f\xa5\xff", 4));
  CHECK(from_hex("").value().empty());
  for (const char* bad : {"0", "0g", "0A", "0x00", " 00", "00 "}) {
    CAPTURE(bad);
    CHECK(from_hex(bad).error().code == Errc::malformed);
  }
}

TEST_CASE("base64 gives the examples of RFC 4648 section 10") {
  const std::pair<const char*, const char*> examples[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"},
                                                          {"\xfb\xff", "+/8="}};
  for (const auto& example : examples) {
    CAPTURE(example.second);
    CHECK(to_base64(bytes_of(example.first)) == example.second);
    CHECK(text_of(from_base64(example.second).value()) == example.first);
  }
}

TEST_CASE("base64 that is not canonical is refused") {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "Z g=", "====", "=AAA",
                          "A===", "Zg==Zg==", "_-8=", "Zm9v=", "AA=A"}) {
    CAPTURE(bad);
    CHECK(from_base64(bad).error().code == Errc::malformed);
  }
}

TEST_CASE("every byte value survives hexadecimal and base64") {
  Bytes all;
  for (unsigned i = 0; i < 256; ++i) all.push_back(static_cast<std::byte>(i));
  CHECK(from_hex(to_hex(all)).value() == all);
  CHECK(from_base64(to_base64(all)).value() == all);
}

TEST_CASE("times are RFC 3339 in UTC, with decimals only where there are some") {
  CHECK(to_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(at(1795309323)) == "2026-11-22T01:02:03Z");
  CHECK(to_rfc3339(at(1795309323, 4500)) == "2026-11-22T01:02:03.004500Z");
  CHECK(to_rfc3339(at(-1, 1)) == "1969-12-31T23:59:59.000001Z");
  CHECK(from_rfc3339("2026-11-22T01:02:03Z").value() == at(1795309323));
  CHECK(from_rfc3339("2026-11-22T01:02:03.5Z").value() == at(1795309323, 500000));
  CHECK(from_rfc3339("2026-11-22T01:02:03.004500Z").value() == at(1795309323, 4500));
  CHECK(from_rfc3339("2024-02-29T23:59:59Z").ok());
}

TEST_CASE("what is not such a time is refused") {
  for (const char* bad :
       {"", "2026-11-22T01:02:03", "2026-11-22t01:02:03Z", "2026-11-22 01:02:03Z",
        "2026-11-22T01:02:03z", "2026-11-22T01:02:03+00:00", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.1xZ",
        "+026-01-01T00:00:00Z", "2026-01-01T-1:00:00Z", "2026-01-01T00:00:00Z\n"}) {
    CAPTURE(bad);
    CHECK_FALSE(reads_time(bad));
  }
}

TEST_CASE("sizes for people") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(1023) == "1023 B");
  CHECK(human_bytes(1024) == "1 KiB");
  CHECK(human_bytes(1025) == "1.0 KiB");
  CHECK(human_bytes(1536) == "1.5 KiB");
  CHECK(human_bytes(1024 * 1024 - 1) == "1.0 MiB");
  CHECK(human_bytes(std::uint64_t{5} << 40) == "5 TiB");
  CHECK(human_bytes(~std::uint64_t{0}) == "16.0 EiB");
}

TEST_CASE("UTF-8 is well-formed or not") {
  for (const char* good : {"", "abc", "\u00e9", "\u20ac", "\U0001f600", "\u2014"}) {
    CHECK(is_utf8(good));
  }
  for (const char* bad :
       {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xe2\x28\xa1"}) {
    CAPTURE(to_hex(bytes_of(bad)));
    CHECK_FALSE(is_utf8(bad));
  }
}

TEST_CASE("foreign text can't drive a terminal") {
  CHECK(escaped("plain \u00e9\u20ac \U0001f600") == "plain \u00e9\u20ac \U0001f600");
  CHECK(escaped("\x1b[2J\n\t\x7f") == "\\x1b[2J\\x0a\\x09\\x7f");
  CHECK(escaped(std::string_view("\0", 1)) == "\\x00");
  CHECK(escaped("\u0085\u009b") == "\\u{0085}\\u{009b}");
  CHECK(escaped("txt.\u202egnp\u2066\u200f\u061c") ==
        "txt.\\u{202e}gnp\\u{2066}\\u{200f}\\u{061c}");
  CHECK(escaped("\u2028") == "\\u{2028}");
  CHECK(escaped("a\\b") == "a\\\\b");
  CHECK(escaped("\xff\xc3") == "\\xff\\xc3");
  CHECK(is_utf8(escaped("\xed\xa0\x80")));
}

TEST_CASE("kinds of nodes have names") {
  CHECK(name_of(NodeKind::regular) == "regular file");
  CHECK(name_of(NodeKind::symlink) == "symbolic link");
  CHECK(name_of(NodeKind::socket) == "socket");
  CHECK(name_of(NodeKind::other) == "special file");
}

TEST_CASE("an error tells what was being done") {
  const Error error{Errc::io, 5, "cannot read"};
  CHECK(error.in("/dev/x").what == "/dev/x: cannot read");
  CHECK(error.in("/dev/x").os_code == 5);
}
