// SPDX-License-Identifier: GPL-3.0-or-later
// check_strict_json: every rule from both sides.
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "quietus/strict_json.h"

namespace quietus {
namespace {

using std::literals::operator""s;

bool good(const std::string& text, const JsonLimits& limits = {}) {
  const Status status = check_strict_json(text, limits);
  if (!status) CHECK(status.error().code == Errc::malformed);
  return status.ok();
}

std::string nested(std::size_t depth, char open, char close) {
  return std::string(depth, open) + std::string(depth, close);
}

TEST_CASE("strict JSON: plain values of every kind pass") {
  for (const char* text :
       {"{}", "[]", "0", "-1", "\"\"", "true", "false", "null", " {}", "[ 1 , 2 ]", "{}\n",
        "{\"a\" :\t{\"b\":[1,\r\n null ]} , \"c\":\"\xc3\xa9\"}", "[[],[],{}]", "\"\x7f\"",
        "[\"\xf0\x9f\x98\x80\"]"}) {
    CAPTURE(text);
    CHECK(good(text));
  }
}

TEST_CASE("strict JSON: what is not JSON fails") {
  for (const char* text :
       {"",         " ",          "\n",      "{",          "}",     "[",
        "]",        "[1,]",       "[,1]",    "{\"a\":1,}", "{,}",   "{\"a\"}",
        "{\"a\":}", "{a:1}",      "{'a':1}", "{1:1}",      "[1 2]", "{\"a\":1 \"b\":2}",
        "[1}",      "{\"a\":1]",  "nul",     "True",       "NaN",   "Infinity",
        "-",        "+1",         "/* */1",  "// x\n1",    "tru",   "nullx",
        "[1]]",     "{\"a\"::1}", "\"a",     "a\"",        "[\"a]"}) {
    CAPTURE(text);
    CHECK_FALSE(good(text));
  }
}

TEST_CASE("strict JSON: after the value there is one LF at most") {
  CHECK(good("[1]\n"));
  CHECK(good("1\n"));
  for (const char* tail : {"\n\n", " ", "\r\n", "\t", "\n ", "x", "{}", ",", " \n"}) {
    CAPTURE(tail);
    CHECK_FALSE(good("[1]"s + tail));
  }
  CHECK_FALSE(good("[1]\0"s));
  CHECK_FALSE(good("[1]\n\0"s));
}

TEST_CASE("strict JSON: a text cut at any byte fails") {
  const std::string text =
      "{\"a\":[1,-20,{\"b\\u00e9\":null}],\"c\":\"\\ud83d\\ude00\",\"d\":true}";
  REQUIRE(good(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(good(text.substr(0, size)));
  }
}

TEST_CASE("strict JSON: depth") {
  CHECK(good(nested(16, '[', ']')));
  CHECK_FALSE(good(nested(17, '[', ']')));
  CHECK_FALSE(good(nested(100'000, '[', ']')));
  CHECK_FALSE(good(std::string(100'000, '[')));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_FALSE(good(objects));
  CHECK(good("1", {.max_depth = 0}));
  CHECK_FALSE(good("[]", {.max_depth = 0}));
  CHECK(good(nested(100'000, '[', ']'), {.max_depth = 100'000}));
  CHECK(good("[" + nested(15, '[', ']') + "," + nested(15, '[', ']') + "]"));
}

TEST_CASE("strict JSON: length") {
  CHECK(good("[1234567]", {.max_bytes = 9}));
  CHECK_FALSE(good("[12345678]", {.max_bytes = 9}));
  const std::size_t most = JsonLimits{}.max_bytes;
  CHECK(most == 4U * 1024 * 1024);
  CHECK(good("\"" + std::string(most - 2, 'x') + "\""));
  CHECK_FALSE(good("\"" + std::string(most - 1, 'x') + "\""));
}

TEST_CASE("strict JSON: numbers are whole, short and have one form") {
  for (const char* text : {"9007199254740991", "-9007199254740991", "0", "10", "-1"}) {
    CAPTURE(text);
    CHECK(good(text));
  }
  for (const char* text : {"9007199254740992",
                           "-9007199254740992",
                           "9999999999999999",
                           "18446744073709551615",
                           "100000000000000000000000000",
                           "-0",
                           "-01",
                           "00",
                           "01",
                           "1.0",
                           "1.",
                           ".5",
                           "1e2",
                           "1E2",
                           "0.0",
                           "0e0",
                           "-",
                           "--1",
                           "0x10",
                           "1_000"}) {
    CAPTURE(text);
    CHECK_FALSE(good(text));
    CHECK_FALSE(good("[" + std::string(text) + "]"));
  }
}

TEST_CASE("strict JSON: each escape") {
  for (const char* escape :
       {"\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0000", "\\u00e9", "\\u00E9",
        "\\uFFFF", "\\ud7ff", "\\ue000", "\\ud83d\\ude00", "\\uD800\\uDC00", "\\udbff\\udfff"}) {
    CAPTURE(escape);
    CHECK(good("\"" + std::string(escape) + "\""));
    CHECK(good("{\"" + std::string(escape) + "\":1}"));
  }
  for (int c = 0; c < 256; ++c) {
    if (std::string("\"\\/bfnrtu").find(static_cast<char>(c)) != std::string::npos) continue;
    CAPTURE(c);
    CHECK_FALSE(good("\"\\" + std::string(1, static_cast<char>(c)) + "\""));
  }
}

TEST_CASE("strict JSON: half surrogates and broken escapes fail") {
  for (const char* escape :
       {"\\u", "\\u1", "\\u12", "\\u123", "\\u123g", "\\u 123", "\\U0041", "\\ud800", "\\udc00",
        "\\udfff", "\\ud800x", "\\ud800\\n", "\\ud800\\u0041", "\\ud800\\ud800", "\\ude00\\ud83d",
        "\\ud83d\\ud", "\\x41", "\\u+041", "\\u-041"}) {
    CAPTURE(escape);
    CHECK_FALSE(good("\"" + std::string(escape) + "\""));
    CHECK_FALSE(good("{\"" + std::string(escape) + "\":1}"));
  }
}

TEST_CASE("strict JSON: no key stands twice, however it is written") {
  CHECK(good("{\"a\":1,\"b\":2}"));
  CHECK(good("{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}"));
  CHECK(good("{\"\xc3\xa9\":1,\"\xc3\x89\":2}"));  // only ASCII letters are folded
  for (const char* text :
       {"{\"a\":1,\"a\":1}", "{\"a\":1,\"A\":2}", "{\"OutCome\":1,\"outcome\":2}",
        "{\"a\":1,\"\\u0061\":2}", "{\"a\":1,\"\\u0041\":2}", "{\"\":1,\"\":2}",
        "{\"\xc3\xa9\":1,\"\\u00e9\":2}", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}",
        "{\"/\":1,\"\\/\":2}", "{\"\\n\":1,\"\\u000a\":2}", "{\"x\":{\"a\":1,\"b\":2,\"a\":3}}",
        "[{\"a\":1,\"b\":{},\"a\":3}]", "{\"\xe2\x82\xac\":1,\"\\u20AC\":2}",
        "{\"a\\u0000b\":1,\"A\\u0000B\":2}"}) {
    CAPTURE(text);
    CHECK_FALSE(good(text));
  }
}

TEST_CASE("strict JSON: bytes that are not UTF-8, control characters, a byte order mark") {
  for (const char* text :
       {"\"\x80\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"",
        "\"\xf4\x90\x80\x80\"", "\"\xff\"", "\xef\xbb\xbf{}", "\xfe\xff", "\"\n\"", "\"\t\"",
        "\"\x1f\"", "{\"\x01\":1}",
        "[\x0c"
        "1]",
        "[\xc2\xa0"
        "1]"}) {
    CAPTURE(text);
    CHECK_FALSE(good(text));
  }
  CHECK_FALSE(good("\"\0\""s));
  CHECK_FALSE(good("[\0]"s));
}

TEST_CASE("strict JSON: the error names the byte") {
  CHECK(check_strict_json("{\"a\":1.5}").error().what ==
        "not strict JSON at byte 6: not a whole number");
}

}  // namespace
}  // namespace quietus
