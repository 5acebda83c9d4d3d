// SPDX-License-Identifier: GPL-3.0-or-later
// fill and prepare: bytes by absolute offset whatever the chunking, and a run's choices by its
// secret.
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "quietus/fill.h"
#include "quietus/keystream.h"
#include "quietus/scheme.h"

using namespace quietus;

namespace {

Secret secret_of(unsigned char value) {
  const std::vector<std::byte> bytes(Secret::kBytes, std::byte{value});
  return Secret::from(bytes).value();
}

const KeystreamBackend& backend() { return *find_keystream("aes_256_ctr").value(); }

std::vector<PassContent> prepared(std::string_view id, std::uint32_t rounds = 1,
                                  unsigned char job = 1, std::uint64_t target = 0) {
  auto passes = prepare(*find_scheme(id), rounds, secret_of(job), target, backend());
  REQUIRE(passes.ok());
  return std::move(passes).value();
}

std::vector<std::byte> bytes_at(const PassContent& pass, std::uint64_t offset, std::size_t size,
                                std::uint64_t item = 0) {
  // A guard on each side: fill must not write outside.
  std::vector<std::byte> buffer(size + 2, std::byte{0xa5});
  fill(pass, item, offset, std::span(buffer).subspan(1, size));
  CHECK(buffer.front() == std::byte{0xa5});
  CHECK(buffer.back() == std::byte{0xa5});
  return {buffer.begin() + 1, buffer.end() - 1};
}

std::byte expected_byte(const FixedContent& content, std::uint64_t at) {
  std::byte byte = content.bytes[static_cast<std::size_t>(at % content.bytes.size())];
  const auto every = content.flip_first_bit_every_bytes;
  if (every != 0 && at % every == 0) byte ^= std::byte{0x80};
  return byte;
}

FixedContent counted(std::size_t period, std::uint32_t flip) {
  FixedContent content;
  for (std::size_t i = 0; i < period; ++i)
    content.bytes.push_back(static_cast<std::byte>(i * 7 + 3));
  content.flip_first_bit_every_bytes = flip;
  return content;
}

bool is_as_expected(const FixedContent& content, std::uint64_t offset,
                    const std::vector<std::byte>& got) {
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (got[i] != expected_byte(content, offset + i)) return false;
  }
  return true;
}

std::byte only_byte(const PassContent& pass) {
  const auto& fixed = std::get<FixedContent>(pass.content);
  REQUIRE(fixed.bytes.size() == 1);
  return fixed.bytes[0];
}

}  // namespace

TEST_CASE("fill: fixed patterns hang on the absolute offset, whatever the period and size") {
  for (const std::size_t period : {1U, 2U, 3U, 4U, 5U, 511U, 512U, 9001U}) {
    for (const std::uint32_t flip : {0U, 512U}) {
      const FixedContent content = counted(period, flip);
      const PassContent pass{content, false};
      for (const std::uint64_t offset :
           {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{511},
            std::uint64_t{512}, std::uint64_t{513}, (std::uint64_t{1} << 62) + 1}) {
        for (const std::size_t size : {0U, 1U, 2U, 3U, 7U, 512U, 4101U, 24577U, 70001U}) {
          CAPTURE(period);
          CAPTURE(flip);
          CAPTURE(offset);
          CAPTURE(size);
          CHECK(is_as_expected(content, offset, bytes_at(pass, offset, size)));
        }
      }
    }
  }
}

TEST_CASE(
    "T2: every pass of every scheme is byte-exact, odd tail included, in one piece and in chunks") {
  constexpr std::size_t kSize = 4096 * 3 + 777;  // an odd tail
  for (const Scheme& scheme : built_in_schemes()) {
    CAPTURE(scheme.id);
    for (const PassContent& pass : prepared(scheme.id)) {
      const auto whole = bytes_at(pass, 0, kSize);
      for (const std::size_t chunk : {1000U, 4096U, 4097U}) {
        std::vector<std::byte> joined;
        while (joined.size() < kSize) {
          const auto part = bytes_at(pass, joined.size(), std::min(chunk, kSize - joined.size()));
          joined.insert(joined.end(), part.begin(), part.end());
        }
        CHECK(joined == whole);
      }
    }
  }
}

TEST_CASE("T3: ones are 0xFF in every scheme that asks for ones") {
  struct Case {
    const char* id;
    std::size_t pass;
  };
  for (const Case& ones :
       {Case{"one", 0}, Case{"is5-enhanced", 1}, Case{"vsitr", 1}, Case{"vsitr", 3},
        Case{"vsitr", 5}, Case{"rcmp-ops2", 1}, Case{"rcmp-ops2", 3}, Case{"rcmp-ops2", 5},
        Case{"schneier7", 0}, Case{"navso-rll", 0}, Case{"navso-mfm", 0}, Case{"afssi-5020", 1},
        Case{"ar380-19", 2}, Case{"csec-itsg06", 1}, Case{"bmb21", 0}, Case{"bmb21", 5}}) {
    CAPTURE(ones.id);
    const auto passes = prepared(ones.id);
    const auto got = bytes_at(passes[ones.pass], 3, 1001);
    CHECK(std::count(got.begin(), got.end(), std::byte{0xff}) == 1001);
  }
}

TEST_CASE("T4: a drawn byte and its complement XOR to 0xFF in every round") {
  for (const auto& scheme : built_in_schemes()) {
    for (unsigned char job = 0; job < 8; ++job) {
      const auto passes = prepared(scheme.id, 2, job);
      for (std::size_t i = 0; i < passes.size(); ++i) {
        const auto& pattern = scheme.passes[i % scheme.passes.size()].pattern;
        if (pattern.kind != Pattern::Kind::complement) continue;
        CAPTURE(scheme.id);
        CHECK((only_byte(passes[i - 1]) ^ only_byte(passes[i])) == std::byte{0xff});
      }
    }
  }
}

TEST_CASE("T5: rounds 1, 2 and 3 give exactly so many times the passes when prepared") {
  for (const Scheme& scheme : built_in_schemes()) {
    for (const std::uint32_t rounds : {1U, 2U, 3U}) {
      CAPTURE(scheme.id);
      const auto passes = prepared(scheme.id, rounds);
      REQUIRE(passes.size() == rounds * scheme.passes.size());
      for (std::size_t i = 0; i < passes.size(); ++i) {
        CHECK(passes[i].verify == scheme.passes[i % scheme.passes.size()].verify);
      }
    }
  }
}

TEST_CASE("prepare: nothing to carry out is refused") {
  Scheme empty;
  empty.id = "empty";
  CHECK(prepare(empty, 1, secret_of(1), 0, backend()).error().code == Errc::invalid);
  CHECK(prepare(*find_scheme("zero"), 0, secret_of(1), 0, backend()).error().code == Errc::invalid);
}

TEST_CASE("prepare: every keystream pass has a key of its own") {
  std::set<std::vector<std::byte>> keys;
  std::size_t count = 0;
  for (const auto job : std::array<unsigned char, 2>{1, 2}) {
    for (const std::uint64_t target : {0U, 1U}) {
      for (const auto& pass : prepared("pfitzner7", 3, job, target)) {
        const auto key = std::get<RandomContent>(pass.content).key.bytes();
        keys.emplace(key.begin(), key.end());
        ++count;
      }
    }
  }
  CHECK(count == 84);
  CHECK(keys.size() == count);
}

TEST_CASE("prepare: keys are derived as documented") {
  const Secret job = secret_of(9);
  const auto target = job.derive("quietus target", 5).value();
  const auto passes = prepared("is5-enhanced", 2, 9, 5);
  for (const std::size_t at : {2U, 5U}) {
    const auto expected = target.derive("quietus pass", at).value();
    const auto key = std::get<RandomContent>(passes[at].content).key.bytes();
    CHECK(std::equal(key.begin(), key.end(), expected.bytes().begin()));
    std::vector<std::byte> stream(1000);
    backend().fill(expected.bytes(), 77, 12345, stream);
    CHECK(bytes_at(passes[at], 12345, 1000, 77) == stream);
  }
}

TEST_CASE("prepare: drawn bytes are independent of slot, round, target and job, and uniform") {
  std::array<int, 256> counts{};
  std::array<int, 4> same{};  // slots 1 = 2, 1 = 3, 2 = 3, rounds alike
  for (std::uint64_t target = 0; target < 2000; ++target) {
    const auto passes = prepared("dod-ece", 2, 3, target);
    const auto c1 = only_byte(passes[0]);
    const auto c2 = only_byte(passes[3]);
    const auto c3 = only_byte(passes[4]);
    ++counts[std::to_integer<std::size_t>(c1)];
    same[0] += c1 == c2 ? 1 : 0;
    same[1] += c1 == c3 ? 1 : 0;
    same[2] += c2 == c3 ? 1 : 0;
    same[3] += c1 == only_byte(passes[7]) ? 1 : 0;
  }
  for (const int alike : same) CHECK(alike < 30);  // 7.8 expected of 2000 / 256
  double chi = 0;
  for (const int count : counts) chi += (count - 7.8125) * (count - 7.8125) / 7.8125;
  CHECK(chi < 347.7);  // 255 degrees of freedom, p = 0.0001
}

TEST_CASE("prepare: the same byte wherever one round names the same slot") {
  Scheme scheme;
  Pass drawn;
  drawn.pattern.kind = Pattern::Kind::drawn;
  drawn.pattern.slot = 4;
  scheme.passes = {drawn, drawn, drawn};
  const auto passes = prepare(scheme, 1, secret_of(1), 0, backend());
  REQUIRE(passes.ok());
  CHECK(only_byte((*passes)[0]) == only_byte((*passes)[1]));
  CHECK(only_byte((*passes)[0]) == only_byte((*passes)[2]));
}
