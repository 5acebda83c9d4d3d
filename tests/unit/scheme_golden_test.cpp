// SPDX-License-Identifier: GPL-3.0-or-later
// The golden hashes, derived a second way: passes typed here from the standards, keys and random
// data from the openssl program. Nothing of scheme but the table under test is used.
#include <algorithm>
#include <cstdio>
#include <doctest/doctest.h>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "quietus/digest.h"
#include "quietus/known_answers.h"
#include "quietus/scheme.h"
#include "quietus/text.h"

#include "scheme/golden.h"
#include "support/program.h"

using namespace quietus;

namespace {

constexpr std::size_t kSize = 1024 * 1024 + 777;

struct Expected {
  std::string id;
  std::string passes;  // one per comma; R: random, C1: drawn, ~C1: its complement
};

std::string repeated(const std::string& pass, int times) {
  std::string all = pass;
  while (--times > 0) all += "," + pass;
  return all;
}

std::vector<Expected> expectations() {
  return {{"moj-3r", "R,R,R"},
          {"random", "R"},
          {"zero", "00"},
          {"one", "FF"},
          {"ism-flash", "R,R"},
          {"ism-hdd-old", "R,R,R"},
          {"nist-usb", "C1,~C1"},
          {"is5-baseline", "00"},
          {"is5-enhanced", "00,FF,R"},
          {"dod-e", "C1,~C1,R"},
          {"dod-c", "C1"},
          {"dod-ece", "C1,~C1,R,C2,C3,~C3,R"},
          {"nnsa", "R,R,00"},
          {"afssi-5020", "00,FF,C1"},
          {"ar380-19", "C1,00,FF"},
          {"navso-rll", "FF,27 FF FF FF,R"},
          {"navso-mfm", "FF,BF FF FF FF,R"},
          {"rcmp-ops2", "00,FF,00,FF,00,FF,R"},
          {"csec-itsg06", "00,FF,R"},
          {"vsitr", "00,FF,00,FF,00,FF,AA"},
          {"scrub-bsi", "FF,FE,FD,FB,F7,EF,DF,BF,7F"},
          {"gost-50739", "00,R"},
          {"schneier7", "FF,00,R,R,R,R,R"},
          {"pfitzner7", repeated("R", 7)},
          {"pfitzner33", repeated("R", 33)},
          {"gutmann35",
           "R,R,R,R,55,AA,92 49 24,49 24 92,24 92 49,00,11,22,33,44,55,66,77,88,99,AA,BB,CC,DD,EE,"
           "FF,92 49 24,49 24 92,24 92 49,6D B6 DB,B6 DB 6D,DB 6D B6,R,R,R,R"},
          {"bmb21", "FF,00,R,R,R,FF"},
          {"nzsit402", "R"},
          {"shred-3", "R,R,R"}};
}

/// Keys and streams from the openssl program, each asked for once.
class OpenSsl {
 public:
  std::string key(const std::string& purpose, std::uint64_t number) {
    if (target_.empty()) target_ = derive(job(), "quietus target", 0);
    return derive(target_, purpose, number);
  }
  std::string random(std::size_t pass) {
    auto& stream = random_[pass];
    if (stream.empty()) stream = encrypted("-aes-256-ctr", key("quietus pass", pass), kSize);
    return stream;
  }
  /// The values that a Draw under the key starts from.
  std::vector<std::uint64_t> values(const std::string& hex_key) {
    const std::string stream = encrypted("-chacha20", hex_key, 8 * 256);
    std::vector<std::uint64_t> all;
    for (std::size_t at = 0; at < stream.size(); at += 8) {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < 8; ++i) {
        value = value << 8 | static_cast<unsigned char>(stream[at + i]);
      }
      all.push_back(value);
    }
    return all;
  }
  unsigned drawn(unsigned slot) {
    return static_cast<unsigned>(values(key("quietus slot", slot)).front() % 256);
  }

 private:
  static std::string job() {
    std::string text;
    for (int i = 0; i < 32; ++i) text += "51";
    return text;
  }
  static std::string derive(const std::string& hex_key, const std::string& purpose,
                            std::uint64_t number) {
    char octal[8 * 4 + 1] = {};
    for (std::size_t i = 0; i < 8; ++i) {
      const auto byte = static_cast<unsigned>(number >> (56 - 8 * i) & 255);
      std::snprintf(octal + 4 * i, 5, "\\%03o", byte);
    }
    const auto mac = output_of("printf '" + purpose + "\\000" + octal +
                               "' | openssl mac -macopt hexkey:" + hex_key +
                               " -macopt size:32 -in /dev/stdin BLAKE2BMAC");
    std::string text = mac.value_or("").substr(0, 64);
    for (char& c : text) {
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    }
    REQUIRE(text.size() == 64);
    return text;
  }
  static std::string encrypted(const std::string& cipher, const std::string& hex_key,
                               std::size_t size) {
    const auto stream = output_of("head -c " + std::to_string(size) + " /dev/zero | openssl enc " +
                                  cipher + " -K " + hex_key + " -iv " + std::string(32, '0'));
    REQUIRE(stream.value_or("").size() == size);
    return *stream;
  }

  std::string target_;
  std::map<std::size_t, std::string> random_;
};

std::vector<std::string> split(const std::string& passes) {
  std::vector<std::string> all;
  std::istringstream stream(passes);
  for (std::string pass; std::getline(stream, pass, ',');) all.push_back(pass);
  return all;
}

/// Fisher-Yates from the last to the first over passes 5 to 31.
void shuffle(std::vector<std::string>& passes, const std::vector<std::uint64_t>& values) {
  auto value = values.begin();
  for (std::uint64_t left = 27; left > 1; --left) {
    __extension__ using Wide = unsigned __int128;
    while (*value < static_cast<std::uint64_t>((Wide{1} << 64) % left)) ++value;
    std::swap(passes[4 + left - 1], passes[4 + static_cast<std::size_t>(*value++ % left)]);
  }
}

std::string fixed(const std::string& pattern) {
  std::istringstream stream(pattern);
  std::string period;
  for (std::string two; stream >> two;) period += static_cast<char>(std::stoul(two, nullptr, 16));
  std::string content;
  content.reserve(kSize + period.size());
  while (content.size() < kSize) content += period;
  content.resize(kSize);
  return content;
}

std::string content(const std::string& pass, std::size_t at, OpenSsl& openssl) {
  if (pass == "R") return openssl.random(at);
  const bool complement = pass[0] == '~';
  const std::size_t mark = complement ? 1 : 0;
  if (pass.size() == mark + 2 && pass[mark] == 'C' && pass[mark + 1] >= '1' &&
      pass[mark + 1] <= '9') {
    const unsigned byte = openssl.drawn(static_cast<unsigned>(pass[mark + 1] - '0'));
    return std::string(kSize, static_cast<char>(complement ? 255 - byte : byte));
  }
  return fixed(pass);
}

std::string expected_hash(const Expected& expected, OpenSsl& openssl) {
  auto passes = split(expected.passes);
  if (expected.id == "gutmann35") shuffle(passes, openssl.values(openssl.key("quietus draw", 0)));
  Sha256 hash;
  for (std::size_t at = 0; at < passes.size(); ++at) {
    hash.update(bytes_of(content(passes[at], at, openssl)));
  }
  return to_hex(hash.finish());
}

}  // namespace

TEST_CASE("golden: the table names every built-in scheme in order, and one long shred-N") {
  const auto table = golden_hashes();
  const auto schemes = built_in_schemes();
  REQUIRE(table.size() == schemes.size() + 1);
  for (std::size_t i = 0; i < schemes.size(); ++i) CHECK(table[i].scheme == schemes[i].id);
  CHECK(table.back().scheme == "shred-64");
}

TEST_CASE("golden: what we write has the hashes of the table") {
  const auto answers = scheme_known_answers();
  REQUIRE(answers.size() == golden_hashes().size());
  for (const KnownAnswer& answer : answers) CHECK_MESSAGE(answer.ok, answer.name);
}

TEST_CASE("golden: one byte more or less in a pattern has another hash") {
  auto scheme = find_scheme("navso-rll").value();
  const auto right = trace_digest(scheme);
  REQUIRE(right.ok());
  scheme.passes[1].pattern.bytes[3] ^= std::byte{1};
  CHECK(*trace_digest(scheme) != *right);
}

TEST_CASE("golden: the table is right by the standards' bytes and by openssl") {
  if (!has_program("openssl")) {
    MESSAGE("skipped: the program openssl is missing");
    return;
  }
  OpenSsl openssl;
  const auto table = golden_hashes();
  const auto expected = expectations();
  REQUIRE(table.size() == expected.size() + 1);  // shred-64's choices have tests of their own
  for (std::size_t i = 0; i < expected.size(); ++i) {
    CHECK(table[i].scheme == expected[i].id);
    CHECK_MESSAGE(table[i].sha256 == expected_hash(expected[i], openssl), expected[i].id);
  }
}
