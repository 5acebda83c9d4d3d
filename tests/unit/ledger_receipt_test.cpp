// SPDX-License-Identifier: GPL-3.0-or-later
// Receipts: made from the log, checked without it.
#include <doctest/doctest.h>

#include "quietus/merkle.h"

#include "ledger_world.h"

namespace quietus::test {
namespace {

struct Issued {
  LedgerWorld world;
  Ledger ledger = world.open();
  std::string digest = std::string(64, 'c');

  Issued() {
    for (int i = 0; i < 20; ++i) {
      REQUIRE(ledger.append({event("asset.held"), issued("0123456789abcdef"[i % 16])}).ok());
    }
  }
  // The entry of the certificate whose digest is that digit 64 times over.
  static constexpr std::uint64_t kOfC = 2 * 12 + 2;

  Errc refused(const std::string& text) {
    const auto entry = verify_receipt(text, digest, world.log());
    REQUIRE_FALSE(entry.ok());
    return entry.error().code;
  }
};

Checkpoint open_checkpoint_of(const TlogProof& proof) {
  const std::string text = proof.checkpoint.substr(0, proof.checkpoint.find("\n\n") + 1);
  return checkpoint_from(text).value();
}

TEST_CASE("receipt: of every entry the inclusion holds") {
  Issued log;
  const auto entries = log.world.entries();
  for (const LedgerEntry& entry : entries) {
    CAPTURE(entry.index);
    const auto text = log.ledger.receipt(entry.index);
    REQUIRE(text.ok());
    const TlogProof proof = proof_from(*text).value();
    CHECK(proof.extra == entry.line);
    CHECK(proof.index == entry.index);
    CHECK(proof.checkpoint == log.world.text(LedgerWorld::kCheckpoint));
    const auto checked = verify_receipt(*text, entry.certificate, log.world.log());
    CHECK(checked.ok() == (entry.type == "certificate.issued"));
    if (checked) CHECK(checked->index == entry.index);
  }
  CHECK(log.ledger.receipt(entries.size()).error().code == Errc::not_found);
}

TEST_CASE("receipt: it is for one certificate, one log, one key") {
  Issued log;
  const std::string text = log.ledger.receipt(Issued::kOfC).value();
  const auto entry = verify_receipt(text, log.digest, log.world.log());
  REQUIRE(entry.ok());
  CHECK(entry->certificate == log.digest);
  CHECK(entry->type == "certificate.issued");
  CHECK(entry->index == Issued::kOfC);
  const auto untrusted = [&](const std::string& digest, const NoteKey& key) {
    const auto wrong = verify_receipt(text, digest, key);
    return !wrong.ok() && wrong.error().code == Errc::untrusted;
  };
  CHECK(untrusted(std::string(64, 'd'), log.world.log()));
  CHECK(untrusted("", log.world.log()));
  CHECK(untrusted(log.digest, {"quietus/other/1", log.world.key.public_key()}));
  CHECK(untrusted(log.digest, {LedgerWorld::kOrigin, key_of_seed("another").public_key()}));
}

TEST_CASE("receipt: a receipt of another kind of entry proves no certificate") {
  Issued log;
  CHECK(verify_receipt(log.ledger.receipt(1).value(), "", log.world.log()).error().code ==
        Errc::untrusted);
}

TEST_CASE("receipt: forged parts") {
  Issued log;
  const TlogProof good = proof_from(log.ledger.receipt(Issued::kOfC).value()).value();
  TlogProof proof = good;
  proof.index ^= 1;
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof = good;
  proof.hashes.pop_back();
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof = good;
  proof.hashes[0][0] ^= std::byte{1};
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof = good;
  proof.extra = log.world.entries()[4].line;
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof = good;
  proof.extra.clear();
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof = good;
  const Checkpoint forged{LedgerWorld::kOrigin, 41, good.hashes[0]};
  proof.checkpoint = sign_note(to_text(forged), LedgerWorld::kOrigin, log.world.key);
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  Checkpoint elsewhere = open_checkpoint_of(good);
  elsewhere.origin = "quietus/elsewhere/1";
  proof = good;
  proof.checkpoint = sign_note(to_text(elsewhere), LedgerWorld::kOrigin, log.world.key);
  CHECK(log.refused(to_text(proof)) == Errc::untrusted);
  proof.checkpoint = sign_note("text\n", LedgerWorld::kOrigin, log.world.key);
  CHECK(log.refused(to_text(proof)) == Errc::malformed);
  CHECK(log.refused("") == Errc::malformed);
  CHECK(log.refused(to_text(good) + "x") == Errc::malformed);
}

TEST_CASE("receipt: changed or cut at any place it fails") {
  Issued log;
  const std::string good = log.ledger.receipt(Issued::kOfC).value();
  for (std::size_t at = 0; at < good.size(); at += 3) {
    CAPTURE(at);
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CHECK_FALSE(verify_receipt(changed, log.digest, log.world.log()).ok());
    CHECK_FALSE(verify_receipt(good.substr(0, at), log.digest, log.world.log()).ok());
  }
}

// Trees of one leaf, whose only leaf says what a certificate's entry would say, but not quite.
TEST_CASE("receipt: a signed leaf must be an entry by this log's key") {
  LedgerWorld world;
  const std::string digest(64, 'c');
  const auto receipt_of = [&](const std::string& leaf) {
    const Checkpoint one{LedgerWorld::kOrigin, 1, leaf_hash(bytes_of(leaf))};
    return to_text(
        TlogProof{leaf, 0, {}, sign_note(to_text(one), LedgerWorld::kOrigin, world.key)});
  };
  const auto leaf_by = [&](const std::string& by) {
    return "{\"v\":1,\"type\":\"certificate.issued\",\"at\":\"2026-01-01T00:00:00Z\",\"asset\":"
           "\"\","
           "\"prev\":\"\",\"body\":\"\",\"by\":\"" +
           by + "\",\"certificate\":\"" + digest + "\"}";
  };
  const std::string good = leaf_by(key_id_of(world.key.public_key()));
  CHECK(verify_receipt(receipt_of(good), digest, world.log()).ok());
  CHECK(
      verify_receipt(receipt_of(leaf_by(std::string(64, '0'))), digest, world.log()).error().code ==
      Errc::untrusted);
  for (const std::string& leaf : {good + " ", "{}" + good, std::string("x")}) {
    CHECK(verify_receipt(receipt_of(leaf), digest, world.log()).error().code == Errc::malformed);
  }
}

TEST_CASE("receipt: none is made from a damaged log") {
  Issued log;
  const std::string text = log.world.text(LedgerWorld::kEntries);
  std::string edited = text;
  edited.replace(edited.find("asset.held"), 10, "asset.hold");
  log.world.platform.set_content(LedgerWorld::kEntries, edited);
  CHECK(log.ledger.receipt(2).error().code == Errc::malformed);
  log.world.platform.set_content(LedgerWorld::kEntries, text.substr(0, text.size() / 2));
  CHECK(log.ledger.receipt(2).error().code == Errc::malformed);
  log.world.platform.set_content(LedgerWorld::kEntries, text + "unsigned\n");
  CHECK(log.ledger.receipt(2).ok());
}

}  // namespace
}  // namespace quietus::test
