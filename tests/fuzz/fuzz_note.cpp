// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: signed notes, checkpoints and receipts. Whatever the text, nothing crashes; what is
// read has one form only, and no certificate is proven but the one in the seeds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "quietus/ledger.h"
#include "quietus/note.h"
#include "quietus/signature.h"
#include "quietus/text.h"

namespace {

using namespace quietus;

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_expected(Errc code) { return code == Errc::malformed || code == Errc::untrusted; }

// The key that signed the seeds.
NoteKey seed_key() {
  auto key = SigningKey::from_seed(Secret::from(sha256(bytes_of("ledger"))).value());
  return {"quietus/test/0011223344556677", key->public_key()};
}

void check_checkpoint(std::string_view text) {
  const auto checkpoint = checkpoint_from(text);
  if (checkpoint) require(to_text(*checkpoint) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const NoteKey key = seed_key();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_checkpoint(text);
  const auto note = open_note(text, std::span(&key, 1));
  if (note) {
    require(text.starts_with(*note));
    check_checkpoint(*note);
  } else {
    require(is_expected(note.error().code));
  }
  const auto proof = proof_from(text);
  if (proof) require(to_text(*proof) == text);
  const auto entry = verify_receipt(text, std::string(64, 'c'), key);
  require(entry.ok() ? entry->certificate == std::string(64, 'c') && entry->index == 2
                     : is_expected(entry.error().code));
  return 0;
}
