// SPDX-License-Identifier: GPL-3.0-or-later
// The ledger: an append-only RFC 6962 log in plain files. Leaves hold salted commitments; the
// bodies lie beside it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/digest.h"
#include "quietus/directory.h"
#include "quietus/note.h"
#include "quietus/result.h"
#include "quietus/seams.h"
#include "quietus/signature.h"

namespace quietus {

/// Something that happened, to be appended.
struct LedgerEvent {
  /// "sanitize.started", "certificate.issued", ...: up to 64 of a-z, 0-9, "_" and "."
  std::string type;
  std::string asset;  ///< 32 hex digits: the asset's random id, or empty
  std::string prev;   ///< hex leaf hash of the asset's previous event, or empty
  /// One JSON object of the event's own (strict_json.h, at most 1 MiB), or empty. Stored beside the
  /// log and only committed to.
  std::string body;
  /// Hex SHA-256 of a certificate's PAE, in clear in the leaf. Every "certificate.issued" has one,
  /// no other event does.
  std::string certificate;
};

/// One line of entries.jsonl as read back.
struct LedgerEntry {
  std::uint64_t index = 0;
  std::string line;  ///< the leaf's data, verbatim
  std::string type;
  std::string at;
  std::string asset;
  std::string prev;
  std::string body_commitment;  ///< hex; empty: none
  std::string by;               ///< key_id_of the log's key
  std::string certificate;
  std::optional<std::string> body;  ///< from the bodies folder, where it still is there and matches
};

/// What an append leaves behind: where the event stands and the checkpoint that covers it.
struct Appended {
  std::uint64_t index = 0;
  Digest leaf{};
  Checkpoint checkpoint;
};

/// Reads a leaf's line (without LF), which has exactly one form:
/// {"v":1,"type":...,"at":...,"asset":...,"prev":...,"body":...,"by":...}, compact, in this order,
/// and at the end "certificate" where the event has one. Nothing of `index` and `body` is set.
/// Errors: malformed.
[[nodiscard]] Result<LedgerEntry> ledger_entry_from(std::string_view line);

/// Why a log is not what it should be.
struct LedgerDamage {
  std::uint64_t index = 0;  ///< the entry, or the size where the whole log is meant
  std::string what;
};

struct LedgerCheck {
  std::string origin;
  std::uint64_t entries = 0;  ///< whole lines that the checkpoint covers
  std::uint64_t unsigned_tail =
      0;  ///< whole lines after the checkpoint: a crash's remains, mended by the next append
  std::uint64_t bodies_missing = 0;
  std::vector<LedgerDamage> damage;  ///< empty: intact
};

/// One machine's log, in an open folder. Appending takes the folder's lock each time and never
/// holds it in between, so that any number of processes may share it.
class Ledger {
 public:
  /// How long an append waits for the lock.
  static constexpr std::chrono::milliseconds kPatience{10'000};

  /// Opens the log in `directory`, which is made complete if empty. `origin` is used for a new log
  /// only; an existing one keeps its own. A new log's first event is "ledger.created". Errors:
  /// invalid (the origin can't be a note key's name), malformed (damaged), busy, no_space,
  /// permission, untrusted (the key is not the log's).
  [[nodiscard]] static Result<Ledger> open(std::unique_ptr<Directory> directory,
                                           const std::string& origin, const SigningKey& key,
                                           Clock& clock, Random& random);

  /// Appends in order under one checkpoint; durable when it returns. The protocol: lock, check own
  /// last checkpoint and the lines it covers, mend a torn tail (recorded as "ledger.recovered"),
  /// bodies, lines, checkpoint, unlock. After an error of writing the events may be in the log or
  /// not; they are never there in part of a line. Errors: busy (lock not had in kPatience), invalid
  /// (an event breaks its rules) and malformed (damaged): nothing was written; no_space, io.
  [[nodiscard]] Result<std::vector<Appended>> append(const std::vector<LedgerEvent>& events);

  /// The receipt of an entry under the newest checkpoint. Errors: not_found, malformed.
  [[nodiscard]] Result<std::string> receipt(std::uint64_t index);

  [[nodiscard]] const std::string& origin() const { return origin_; }

 private:
  Ledger(std::unique_ptr<Directory> directory, std::string origin, const SigningKey& key,
         Clock& clock, Random& random);

  std::unique_ptr<Directory> directory_;
  std::string origin_;
  const SigningKey* key_;
  Clock* clock_;
  Random* random_;
};

/// What a certificate's receipt proves: that the log of this name and key holds the leaf of a
/// "certificate.issued" with exactly this digest. Returns that entry. Errors: malformed, untrusted.
[[nodiscard]] Result<LedgerEntry> verify_receipt(std::string_view receipt_text,
                                                 const std::string& certificate_sha256_hex,
                                                 const NoteKey& log);

/// Checks a whole log without writing: every line, every stored body, the root, the checkpoint's
/// signature and, where they are kept, the older checkpoints. A checkpoint that is older than the
/// stored ones is damage, except for one that a crash kept from being put in force. Takes no lock.
/// Errors: not_found (no log there), io.
[[nodiscard]] Result<LedgerCheck> check_ledger(Directory& directory, const PublicKey& log_key);

/// Calls back for every entry in order, until it returns false; whole lines after the checkpoint
/// are entries too. Verifies nothing but each line's form. Takes no lock. Errors: not_found (no log
/// there), malformed, io.
[[nodiscard]] Status read_ledger(Directory& directory,
                                 const std::function<bool(const LedgerEntry&)>& visitor);

}  // namespace quietus
