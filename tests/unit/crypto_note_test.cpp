// SPDX-License-Identifier: GPL-3.0-or-later
// Signed notes, checkpoints and receipts, with a 300-leaf log that Go's sumdb packages accept.
#include <doctest/doctest.h>
#include <string>

#include "quietus/merkle.h"
#include "quietus/note.h"
#include "quietus/text.h"

using namespace quietus;

namespace {

constexpr const char* kName = "example.org/quietus/site-a";
constexpr const char* kRoot200 = "zbQyAQfGV9mpIWTgpyyNI1s8yA+ANmjyyrWj8WOwQsg=";
constexpr const char* kRoot300 = "5hl8l8bYJ36FVw2FQL6bnJ2k4LEUnCajtvXVtelevaU=";

SigningKey key_of(std::string_view name) {
  auto seed = Secret::from(sha256(bytes_of(name)));
  REQUIRE(seed.ok());
  auto key = SigningKey::from_seed(*std::move(seed));
  REQUIRE(key.ok());
  return *std::move(key);
}

NoteKey note_key(const std::string& name, std::string_view seed_of) {
  return {name, key_of(seed_of).public_key()};
}

std::string site_note() {
  return "example.org/quietus/site-a\n300\n5hl8l8bYJ36FVw2FQL6bnJ2k4LEUnCajtvXVtelevaU=\n\n"
         "\u2014 example.org/quietus/site-a i3E9lME7vrrayzDG+nHbHLpKlXU/SGCATJRnUFeR+oy9/Pra9sF/"
         "clvRBS9+v2ufZiWqSkOcIyWusw6WUWGnfdz6Wgo=\n";
}

std::string leaf_of(int i) {
  return "{\"seq\":" + std::to_string(i) +
         ",\"type\":\"asset.sanitised\",\"asset\":\"sha256:deadbeef\"}";
}

std::vector<Digest> site_leaves() {
  std::vector<Digest> leaves;
  for (int i = 0; i < 300; ++i) leaves.push_back(leaf_hash(bytes_of(leaf_of(i))));
  return leaves;
}

Errc refusal(std::string_view note, const NoteKey& key) {
  const auto opened = open_note(note, std::span(&key, 1));
  return opened ? Errc::internal : opened.error().code;
}

/// The signature line alone.
std::string line_by(const std::string& text, const std::string& name, std::string_view seed_of) {
  return sign_note(text, name, key_of(seed_of)).substr(text.size() + 1);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the 300-leaf log: vkey, roots and signed checkpoint") {
  CHECK(to_vkey(note_key(kName, "ledger")) ==
        "example.org/quietus/site-a+8b713d94+AVq8qpwiIgHPGU8aR0wNcaeaPXqNwWrklGKjsYCQsSlp");
  CHECK(note_key_id(note_key(kName, "ledger")) == 0x8b713d94);
  const auto leaves = site_leaves();
  CHECK(to_base64(merkle_root(std::span(leaves).first(200))) == kRoot200);
  CHECK(to_base64(merkle_root(leaves)) == kRoot300);
  const Checkpoint checkpoint{kName, 300, merkle_root(leaves)};
  CHECK(sign_note(to_text(checkpoint), kName, key_of("ledger")) == site_note());
  CHECK(verify_consistency(200, merkle_root(std::span(leaves).first(200)), 300, merkle_root(leaves),
                           consistency_proof(leaves, 200)));
}

TEST_CASE("a note opens to its text, with a known key") {
  const NoteKey keys[] = {note_key("other.example", "other"), note_key(kName, "ledger")};
  const auto text = open_note(site_note(), keys);
  REQUIRE(text.ok());
  const auto checkpoint = checkpoint_from(*text);
  REQUIRE(checkpoint.ok());
  CHECK(checkpoint->origin == kName);
  CHECK(checkpoint->size == 300);
  CHECK(to_base64(checkpoint->root) == kRoot300);
}

TEST_CASE("a note by nobody known, or that was changed, is not trusted") {
  const NoteKey key = note_key(kName, "ledger");
  CHECK(refusal(site_note(), note_key(kName, "other")) == Errc::untrusted);
  CHECK(refusal(site_note(), note_key("example.org/x", "ledger")) == Errc::untrusted);
  CHECK(refusal(replaced(site_note(), "\n300\n", "\n301\n"), key) == Errc::untrusted);
  CHECK(refusal(replaced(site_note(), "\n300\n", "\n300\n\n"), key) == Errc::untrusted);
  CHECK(open_note(site_note(), {}).error().code == Errc::untrusted);
}

TEST_CASE("unknown signatures are ignored, a bad one of a known key is not") {
  const std::string text = "text\n";
  const std::string good = line_by(text, "a", "a");
  const std::string unknown = line_by(text, "b", "b");
  const std::string bad = line_by("other\n", "c", "c");
  const NoteKey a = note_key("a", "a");
  const NoteKey a_and_c[] = {a, note_key("c", "c")};
  CHECK(open_note(text + "\n" + unknown + good + bad, std::span(&a, 1)).value() == text);
  CHECK(open_note(text + "\n" + good + bad, a_and_c).error().code == Errc::untrusted);
  CHECK(open_note(text + "\n" + bad + good, a_and_c).error().code == Errc::untrusted);
}

TEST_CASE("sixteen signatures and more are read, hundreds are not") {
  const std::string text = "text\n";
  const NoteKey key = note_key("last", "last");
  std::string note = text + "\n";
  for (int i = 0; i < 15; ++i) note += line_by(text, "w" + std::to_string(i), "w");
  CHECK(open_note(note + line_by(text, "last", "last"), std::span(&key, 1)).ok());
  const std::string one = line_by(text, "w", "w");
  for (int i = 0; i < 200; ++i) note += one;
  CHECK(refusal(note + line_by(text, "last", "last"), key) == Errc::malformed);
}

TEST_CASE("what is not a signed note is malformed") {
  const NoteKey key = note_key("a", "a");
  const std::string line = line_by("text\n", "a", "a");
  const std::string large = std::string(1'000'000, 'x') + "\n";
  for (const std::string& bad :
       {std::string(), std::string("text\n"), std::string("text\n\n"), "text\n" + line, "\n" + line,
        "\n\n" + line, "text\n\n" + line.substr(0, line.size() - 1), "text\n\n" + line + "more\n",
        "text\n\n- " + line.substr(4), "te\rxt\n\n" + line, "te\xff\n\n" + line,
        "text\n\n" + replaced(line, " a ", "  "), "text\n\n" + replaced(line, " a ", " a+b "),
        "text\n\n" + replaced(line, " a ", " a b "), "text\n\n" + replaced(line, "=", ""),
        std::string("text\n\n\u2014 a AAAAAA==\n"), sign_note(large, "a", key_of("a"))}) {
    CAPTURE(bad.substr(0, 200));
    CHECK(refusal(bad, key) == Errc::malformed);
  }
  CHECK(refusal("text\n\n\u2014 a " + line.substr(6, 8) + "\n", key) == Errc::untrusted);
}

TEST_CASE("checkpoints are three lines, in one form only") {
  const std::string good = std::string("o\n0\n") + kRoot300 + "\n";
  CHECK(to_text(checkpoint_from(good).value()) == good);
  const std::string root = kRoot300;
  for (const std::string& bad :
       {std::string(), "\n1\n" + root + "\n", "o\n01\n" + root + "\n", "o\n\n" + root + "\n",
        "o\n-1\n" + root + "\n", "o\n+1\n" + root + "\n", "o\n1 \n" + root + "\n",
        "o\n18446744073709551616\n" + root + "\n", "o\n1\n" + root, "o\n1\n" + root + "\nmore\n",
        "o\n1\n" + root.substr(1) + "\n", "o\n1\n" + root + "=\n", std::string("o\n1\n\n"),
        std::string("o\n1\nAAAA\n"), "o\r\n1\n" + root + "\n"}) {
    CAPTURE(bad);
    CHECK(checkpoint_from(bad).error().code == Errc::malformed);
  }
}

TEST_CASE("a receipt is written, read back and proves its leaf") {
  const auto leaves = site_leaves();
  const TlogProof proof{leaf_of(123), 123, inclusion_proof(leaves, 123), site_note()};
  const std::string text = to_text(proof);
  CHECK(text.starts_with("c2sp.org/tlog-proof@v1\nextra " + to_base64(bytes_of(leaf_of(123))) +
                         "\nindex 123\n"));
  CHECK(text.ends_with("\n\n" + site_note()));
  const auto read = proof_from(text);
  REQUIRE(read.ok());
  CHECK(read->extra == proof.extra);
  CHECK(read->index == proof.index);
  CHECK(read->hashes == proof.hashes);
  CHECK(read->checkpoint == proof.checkpoint);
  CHECK(verify_inclusion(leaf_hash(bytes_of(read->extra)), read->index, 300, read->hashes,
                         merkle_root(leaves)));
  CHECK_FALSE(verify_inclusion(leaf_hash(bytes_of(read->extra)), 124, 300, read->hashes,
                               merkle_root(leaves)));
}

TEST_CASE("a receipt without extra data or hashes is one too") {
  const TlogProof proof{"", 0, {}, site_note()};
  CHECK(to_text(proof) == "c2sp.org/tlog-proof@v1\nindex 0\n\n" + site_note());
  CHECK(proof_from(to_text(proof)).value().hashes.empty());
}

TEST_CASE("what is not a receipt is malformed") {
  const std::string good = to_text({"x", 7, std::vector<Digest>(3, sha256({})), site_note()});
  REQUIRE(proof_from(good).ok());
  const std::string hash = to_base64(sha256({})) + "\n";
  for (const std::string& bad :
       {std::string(), replaced(good, "@v1", "@v2"), replaced(good, "index 7", "index 07"),
        replaced(good, "index 7", "index"), replaced(good, "index 7\n", ""),
        replaced(good, "extra eA==", "extra eB=="), replaced(good, "extra eA==", "extra "),
        replaced(good, "extra eA==\n", "extra eA==\nextra eA==\n"), replaced(good, hash, "AAAA\n"),
        replaced(good, "\n\n", "\n"), replaced(good, "index 7\n", "index 7\n\n"), good + "\n",
        good.substr(0, good.size() - 1), " " + good,
        to_text({"", 0, std::vector<Digest>(65, sha256({})), site_note()}),
        to_text({"", 0, {}, "text\n"}), to_text({"", 0, {}, ""})}) {
    CAPTURE(bad);
    CHECK(proof_from(bad).error().code == Errc::malformed);
  }
}
