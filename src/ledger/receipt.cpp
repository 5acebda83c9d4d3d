// SPDX-License-Identifier: GPL-3.0-or-later
// Receipts: one entry's inclusion under a checkpoint, made from the log and checked without it.
#include <span>
#include <utility>
#include <vector>

#include "quietus/ledger.h"
#include "quietus/merkle.h"
#include "quietus/text.h"

#include "ledger/checkpoints.h"
#include "ledger/files.h"
#include "ledger/leaf.h"

namespace quietus {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): this module's own
using namespace ledger;

Error untrusted(std::string_view what) {
  return {Errc::untrusted, 0, "receipt: " + std::string(what)};
}

// The hashes of the lines that the checkpoint covers, and the text of the wanted one.
struct Leaves {
  std::vector<Digest> hashes;
  std::string wanted;
};

Result<Leaves> read_leaves(Directory& directory, std::uint64_t size, std::uint64_t wanted) {
  auto entries = directory.open_at(kEntriesFile, Access::read);
  if (!entries) return entries.error();
  Leaves leaves;
  LineReader reader(**entries, 0);
  while (leaves.hashes.size() < size) {
    auto line = reader.next();
    if (!line) return line.error();
    if (!*line) return damaged("entries.jsonl holds fewer lines than the checkpoint covers");
    const bool is_wanted = leaves.hashes.size() == wanted;
    leaves.hashes.push_back(leaf_hash(bytes_of((*line)->text)));
    if (is_wanted) leaves.wanted = std::move((*line)->text);
  }
  return leaves;
}

// The checkpoint of the receipt, once its signature and the leaf's inclusion are found good.
Status check_inclusion(const TlogProof& proof, const NoteKey& log) {
  const auto text = open_note(proof.checkpoint, std::span(&log, 1));
  if (!text) return text.error().in("receipt");
  const auto checkpoint = checkpoint_from(*text);
  if (!checkpoint) return checkpoint.error().in("receipt");
  if (checkpoint->origin != log.name) return untrusted("it is another log's");
  const Digest leaf = leaf_hash(bytes_of(proof.extra));
  if (!verify_inclusion(leaf, proof.index, checkpoint->size, proof.hashes, checkpoint->root)) {
    return untrusted("the entry is not in the log that the checkpoint describes");
  }
  return {};
}

}  // namespace

Result<std::string> Ledger::receipt(std::uint64_t index) {
  // The checkpoint first: lines only ever come after it.
  const auto in_force = read_checkpoint(*directory_, {origin_, key_->public_key()});
  if (!in_force) return in_force.error();
  const Checkpoint& checkpoint = in_force->checkpoint;
  if (index >= checkpoint.size) {
    return Error{Errc::not_found, 0, "the ledger has no entry " + std::to_string(index)};
  }
  auto leaves = read_leaves(*directory_, checkpoint.size, index);
  if (!leaves) return leaves.error();
  if (merkle_root(leaves->hashes) != checkpoint.root) {
    return damaged("the lines of entries.jsonl are not those that the checkpoint covers");
  }
  return to_text(TlogProof{std::move(leaves->wanted), index, inclusion_proof(leaves->hashes, index),
                           in_force->note});
}

Result<LedgerEntry> verify_receipt(std::string_view receipt_text,
                                   const std::string& certificate_sha256_hex, const NoteKey& log) {
  const auto proof = proof_from(receipt_text);
  if (!proof) return proof.error().in("receipt");
  if (Status good = check_inclusion(*proof, log); !good) return good.error();
  auto entry = ledger_entry_from(proof->extra);
  if (!entry) return entry.error().in("receipt");
  if (entry->type != kCertificateIssued || entry->certificate != certificate_sha256_hex) {
    return untrusted("it is not this certificate's");
  }
  if (entry->by != key_id_of(log.key)) return untrusted("the entry names another log key");
  entry->index = proof->index;
  return entry;
}

}  // namespace quietus
