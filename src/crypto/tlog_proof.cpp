// SPDX-License-Identifier: GPL-3.0-or-later
// Receipts: c2sp.org/tlog-proof@v1. Reads and writes the form; proves nothing by itself.
#include <optional>

#include "quietus/note.h"
#include "quietus/text.h"

#include "crypto/lines.h"
#include "crypto/note_parts.h"

namespace quietus {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
// A ledger line has at most 65,535 bytes (c2sp.org/tlog-tiles), the note at most 1 MB.
constexpr std::size_t kMaxProofBytes = 1'200'000;
// RFC 6962 §2.1.1: one hash a level, and a tree of under 2^64 leaves has at most 64 levels.
constexpr std::size_t kMaxHashes = 64;

/// "extra <base64>", which may be missing but not empty.
bool take_extra(std::string_view& text, std::string& extra) {
  if (!text.starts_with("extra ")) return true;
  const auto line = take_labelled(text, "extra ");
  if (!line || line->empty()) return false;
  const Result<Bytes> bytes = from_base64(*line);
  if (bytes) extra = text_of(*bytes);
  return bytes.ok();
}

/// Hash lines up to and with the empty line.
bool take_hashes(std::string_view& text, std::vector<Digest>& hashes) {
  for (auto line = take_line(text); line; line = take_line(text)) {
    if (line->empty()) return true;
    const auto hash = array_from_base64<32>(*line);
    if (!hash || hashes.size() == kMaxHashes) return false;
    hashes.push_back(*hash);
  }
  return false;
}

std::optional<TlogProof> parse(std::string_view text) {
  TlogProof proof;
  if (text.size() > kMaxProofBytes || take_line(text) != kFirstLine) return std::nullopt;
  if (!take_extra(text, proof.extra)) return std::nullopt;
  const auto index = take_labelled(text, "index ");
  const auto number = index ? decimal_from(*index) : std::nullopt;
  if (!number || !take_hashes(text, proof.hashes)) return std::nullopt;
  const auto note = split_note(text);
  if (!note || !checkpoint_from(note->text)) return std::nullopt;
  proof.index = *number;
  proof.checkpoint = std::string(text);
  return proof;
}

}  // namespace

std::string to_text(const TlogProof& proof) {
  std::string text = std::string(kFirstLine) + "\n";
  if (!proof.extra.empty()) text += "extra " + to_base64(bytes_of(proof.extra)) + "\n";
  text += "index " + std::to_string(proof.index) + "\n";
  for (const Digest& hash : proof.hashes) text += to_base64(hash) + "\n";
  return text + "\n" + proof.checkpoint;
}

Result<TlogProof> proof_from(std::string_view text) {
  auto proof = parse(text);
  if (!proof) return Error{Errc::malformed, 0, "not a tlog-proof@v1 receipt"};
  return *std::move(proof);
}

}  // namespace quietus
