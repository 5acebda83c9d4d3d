// SPDX-License-Identifier: GPL-3.0-or-later
// Cosignatures of checkpoints: when a witness saw one, against a line made with PyNaCl.
#include <doctest/doctest.h>

#include "quietus/note.h"

#include "unit/certificate_samples.h"

namespace quietus::test {
namespace {

constexpr const char* kLogName = "example.org/quietus/site-a";
constexpr const char* kWitness = "witness.example.org/w1";
const std::string kText =
    "example.org/quietus/site-a\n300\n5hl8l8bYJ36FVw2FQL6bnJ2k4LEUnCajtvXVtelevaU=\n";
const std::string kLine =
    "\u2014 witness.example.org/w1 JXzH8QAAAABqsTuAJ07nNn1EmxbL3wk7P8rm8FQbNEApD5cSnzC1BIyTseX9/"
    "t5zIrWk3rLBmNSh+G99+VkYzQq/kTXMMUaw5BM7CA==\n";
const Time kSeen = time_of("2026-09-21T14:13:20Z");

NoteKey log_key() { return {kLogName, key_of("ledger").public_key()}; }
NoteKey witness_key() { return {kWitness, key_of("witness").public_key()}; }
std::string note() { return sign_note(kText, kLogName, key_of("ledger")); }

Result<Cosignatures> found_in(const std::string& text) {
  const std::vector<NoteKey> witnesses{{"other", key_of("other").public_key()}, witness_key()};
  const NoteKey log = log_key();
  return cosignatures_of(text, witnesses, &log);
}

TEST_CASE("a cosignature is the one that another program makes") {
  CHECK(cosigner_key_id(witness_key()) == 0x257cc7f1);
  CHECK(to_cosigner_vkey(witness_key()) ==
        "witness.example.org/w1+257cc7f1+BGG3op9v3HIXXDPBmFc/0CioJHhGCXc+pyvvFPlBZdYO");
  const std::string whole =
      cosign_note(note(), kWitness, key_of("witness"), kSeen + std::chrono::milliseconds(999));
  CHECK(whole == note() + kLine);
  const auto found = found_in(whole);
  REQUIRE_MESSAGE(found.ok(), found.error().what);
  REQUIRE(found->good.size() == 1);
  CHECK(found->good[0].name == kWitness);
  CHECK(found->good[0].key == witness_key().key);
  CHECK(found->good[0].time == kSeen);
  CHECK(found->unknown.empty());
  const NoteKey log = log_key();
  CHECK(open_note(whole, std::span(&log, 1)).ok());
}

TEST_CASE("cosignatures by strangers are named and count for nothing") {
  std::string whole = cosign_note(note(), "stranger", key_of("x"), kSeen);
  whole = cosign_note(whole, kWitness, key_of("witness"), kSeen);
  whole += "\u2014 witness.example.org/w1 " + to_base64(Bytes(2432)) + "\n";  // as ML-DSA-44 has it
  const auto found = found_in(whole);
  REQUIRE_MESSAGE(found.ok(), found.error().what);
  CHECK(found->good.size() == 1);
  CHECK(found->unknown == std::vector<std::string>{"stranger", kWitness});
  const auto without_log = cosignatures_of(whole, {}, nullptr);
  REQUIRE(without_log.ok());
  CHECK(without_log->good.empty());
  CHECK(without_log->unknown.size() == 4);
}

TEST_CASE("no bit of a witness's line can be flipped") {
  for (std::size_t bit = 0; bit < kLine.size() * 8; ++bit) {
    std::string line = kLine;
    line[bit / 8] = static_cast<char>(line[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    CHECK_FALSE(found_in(note() + line).ok());
  }
}

TEST_CASE("bad cosignatures are errors") {
  const auto code = [](const std::string& text) {
    const auto found = found_in(text);
    return found ? Errc::internal : found.error().code;
  };
  CHECK(code(note() + kLine) == Errc::internal);
  CHECK(code(kText) == Errc::malformed);
  CHECK(code("no checkpoint\n\n" + kLine) == Errc::malformed);
  // Over another tree; by another key under the witness's name; under another name by its key id.
  CHECK(code(with(note(), "300", "301") + kLine) == Errc::untrusted);
  CHECK(code(cosign_note(note(), kWitness, key_of("x"), kSeen)) == Errc::untrusted);
  CHECK(code(note() + with(kLine, "/w1", "/w2")) == Errc::untrusted);
  // Times that say nothing.
  CHECK(code(cosign_note(note(), kWitness, key_of("witness"), Time{})) == Errc::untrusted);
  const Bytes far(8, std::byte{0x7f});
  Bytes bytes = bytes_from("257cc7f1");
  bytes.insert(bytes.end(), far.begin(), far.end());
  bytes.resize(76);
  CHECK(code(note() + "\u2014 witness.example.org/w1 " + to_base64(bytes) + "\n") ==
        Errc::untrusted);
}

}  // namespace
}  // namespace quietus::test
