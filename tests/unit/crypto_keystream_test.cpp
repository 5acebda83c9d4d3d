// SPDX-License-Identifier: GPL-3.0-or-later
// Keystreams against the openssl program, and as pure functions of key, item and offset.
#include <algorithm>
#include <array>
#include <cstdio>
#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "quietus/keystream.h"
#include "quietus/text.h"

using namespace quietus;

namespace {

using Key = std::array<std::byte, Secret::kBytes>;

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::array<std::uint64_t, 13> kOffsets = {0,
                                                    1,
                                                    15,
                                                    16,
                                                    63,
                                                    64,
                                                    4095,
                                                    4096 + 7,
                                                    (1 << 20) - 1,
                                                    256 * kGiB - 64,
                                                    256 * kGiB + 5,
                                                    (std::uint64_t{1} << 40) + 3,
                                                    std::uint64_t{1} << 62};
constexpr std::array<std::uint64_t, 4> kItems = {0, 1, std::uint64_t{1} << 32, ~std::uint64_t{0}};
constexpr std::array<std::size_t, 6> kLengths = {0, 1, 17, 100, 4096, 70001};

Key a_key(unsigned first = 1) {
  Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) key.at(i) = static_cast<std::byte>(first + i * 7);
  return key;
}

Bytes stream(const KeystreamBackend& backend, std::uint64_t item, std::uint64_t offset,
             std::size_t size, const Key& key = a_key()) {
  Bytes out(size, std::byte{0xee});
  backend.fill(key, item, offset, out);
  return out;
}

std::string big_endian(std::uint64_t value) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(value));
  return text.data();
}

std::string little_endian(std::uint64_t value) {
  const std::string big = big_endian(value);
  std::string little;
  for (std::size_t i = big.size(); i > 0; i -= 2) little += big.substr(i - 2, 2);
  return little;
}

/// How the openssl program is asked for the same stream, as the header's contract says.
struct Oracle {
  std::string_view backend;
  std::string cipher;
  std::uint64_t block_bytes;
  std::string (*iv)(std::uint64_t item, std::uint64_t block);
};

const std::array<Oracle, 2> kOracles = {{
    {"aes_256_ctr", "-aes-256-ctr", 16,
     [](std::uint64_t item, std::uint64_t block) { return big_endian(item) + big_endian(block); }},
    {"chacha20", "-chacha20", 64,
     [](std::uint64_t item, std::uint64_t block) {
       return little_endian(block) + little_endian(item);
     }},
}};

struct ClosePipe {
  void operator()(std::FILE* pipe) const { pclose(pipe); }
};

Bytes output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, ClosePipe> pipe(popen(command.c_str(), "r"));
  REQUIRE(pipe != nullptr);
  Bytes all;
  std::array<std::byte, 65536> buffer{};
  std::size_t got = 0;
  while ((got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0) {
    all.insert(all.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
  }
  return all;
}

bool is_openssl_here() { return !output_of("openssl version 2>/dev/null").empty(); }

Bytes expected(const Oracle& oracle, std::uint64_t item, std::uint64_t offset, std::size_t size) {
  const std::uint64_t skip = offset % oracle.block_bytes;
  Bytes all = output_of("head -c " + std::to_string(skip + size) + " /dev/zero | openssl enc -e " +
                        oracle.cipher + " -K " + to_hex(a_key()) + " -iv " +
                        oracle.iv(item, offset / oracle.block_bytes));
  REQUIRE(all.size() == skip + size);
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(skip));
  return all;
}

void check_against(const Oracle& oracle, const KeystreamBackend& backend, std::uint64_t item,
                   std::uint64_t offset) {
  CAPTURE(oracle.cipher);
  CAPTURE(item);
  CAPTURE(offset);
  const Bytes whole = expected(oracle, item, offset, kLengths.back());
  for (const std::size_t length : kLengths) {
    CAPTURE(length);
    const auto end = whole.begin() + static_cast<std::ptrdiff_t>(length);
    CHECK(std::equal(whole.begin(), end, stream(backend, item, offset, length).begin()));
  }
}

}  // namespace

TEST_CASE("both keystreams are byte for byte what openssl enc gives") {
  if (!is_openssl_here()) {
    MESSAGE("skipped: the openssl program is missing");
    return;
  }
  for (const Oracle& oracle : kOracles) {
    const KeystreamBackend& backend = **find_keystream(oracle.backend);
    for (const std::uint64_t item : kItems) {
      for (const std::uint64_t offset : kOffsets) check_against(oracle, backend, item, offset);
    }
  }
}

TEST_CASE("a span split anywhere has the same bytes") {
  for (const KeystreamBackend& backend : keystream_backends()) {
    for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{37}, 256 * kGiB - 100}) {
      const Bytes whole = stream(backend, 3, offset, 300);
      for (std::size_t split = 0; split <= whole.size(); ++split) {
        Bytes parts = stream(backend, 3, offset, split);
        const Bytes rest = stream(backend, 3, offset + split, whole.size() - split);
        parts.insert(parts.end(), rest.begin(), rest.end());
        REQUIRE(parts == whole);
      }
    }
  }
}

TEST_CASE("long spans are the same in one piece and in many") {
  constexpr std::size_t kSize = (1 << 20) + 4321;
  for (const KeystreamBackend& backend : keystream_backends()) {
    const Bytes whole = stream(backend, 9, 12345, kSize);
    Bytes pieces(kSize);
    for (std::size_t at = 0; at < kSize; at += 30011) {
      const std::size_t size = std::min<std::size_t>(30011, kSize - at);
      backend.fill(a_key(), 9, 12345 + at, std::span(pieces).subspan(at, size));
    }
    CHECK(pieces == whole);
  }
}

TEST_CASE("nothing beyond the span is written") {
  for (const KeystreamBackend& backend : keystream_backends()) {
    Bytes buffer(64, std::byte{0xee});
    backend.fill(a_key(), 0, 5, std::span(buffer).subspan(8, 21));
    CHECK(std::all_of(buffer.begin(), buffer.begin() + 8,
                      [](auto b) { return b == std::byte{0xee}; }));
    CHECK(std::all_of(buffer.begin() + 29, buffer.end(),
                      [](auto b) { return b == std::byte{0xee}; }));
  }
}

TEST_CASE("two items, keys, backends or places never share a stream") {
  std::vector<std::string> seen;
  for (const KeystreamBackend& backend : keystream_backends()) {
    for (const unsigned key : {1U, 2U}) {
      for (const std::uint64_t item : kItems) {
        for (const std::uint64_t offset : {std::uint64_t{0}, 64 * kGiB, 256 * kGiB}) {
          seen.push_back(to_hex(stream(backend, item, offset, 32, a_key(key))));
        }
      }
    }
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end());
}

TEST_CASE("several threads get the same bytes as one") {
  for (const KeystreamBackend& backend : keystream_backends()) {
    const Bytes whole = stream(backend, 1, 0, 8 * 65536);
    Bytes shared(whole.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        backend.fill(a_key(), 1, i * 65536, std::span(shared).subspan(i * 65536, 65536));
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(shared == whole);
  }
}

TEST_CASE("keystreams are found by name, and the default is a fast one or the last") {
  CHECK(keystream_backends().size() == 2);
  CHECK((*find_keystream("aes_256_ctr"))->name == "aes_256_ctr");
  CHECK((*find_keystream("chacha20"))->name == "chacha20");
  CHECK(find_keystream("rc4").error().code == Errc::not_found);
  CHECK(find_keystream("").error().code == Errc::not_found);
  const KeystreamBackend& chosen = default_keystream();
  CHECK((chosen.fast_here() || chosen.name == keystream_backends().back().name));
  if (keystream_backends().front().fast_here()) CHECK(chosen.name == "aes_256_ctr");
}
