// SPDX-License-Identifier: GPL-3.0-or-later
// Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint), with Ed25519 keys
// (type 0x01).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/digest.h"
#include "quietus/result.h"
#include "quietus/signature.h"
#include "quietus/text.h"

namespace quietus {

/// A key under the name that stands in its signature lines.
struct NoteKey {
  std::string name;  ///< not empty, no spaces, no "+"
  PublicKey key;
};

/// First 4 bytes, big endian, of SHA-256(name || LF || 0x01 || key).
[[nodiscard]] std::uint32_t note_key_id(const NoteKey& key);
/// "name+hex id+base64(0x01 || key)": the form that Go's note package reads.
[[nodiscard]] std::string to_vkey(const NoteKey& key);

/// The text of a signed note with one signature. `text` ends in LF.
[[nodiscard]] std::string sign_note(std::string_view text, const std::string& name,
                                    const SigningKey& key);
/// The text of the note, after a signature by one of the keys was found good and none of theirs
/// bad. Unknown signatures are ignored. Errors: malformed (also: over 1 MB or 100 signatures),
/// untrusted.
[[nodiscard]] Result<std::string> open_note(std::string_view note, std::span<const NoteKey> keys);

// Cosignatures, c2sp.org/tlog-cosignature: a witness says when it saw a checkpoint. Ed25519 only
// ("cosignature/v1", type 0x04).

/// As note_key_id() and to_vkey(), with type 0x04.
[[nodiscard]] std::uint32_t cosigner_key_id(const NoteKey& key);
[[nodiscard]] std::string to_cosigner_vkey(const NoteKey& key);
/// The note with one more line: by that witness, at that time (whole seconds, after 1970).
[[nodiscard]] std::string cosign_note(std::string_view note, const std::string& name,
                                      const SigningKey& key, Time time);

struct Cosignature {
  std::string name;
  PublicKey key;
  Time time{};
};
struct Cosignatures {
  std::vector<Cosignature> good;     ///< in the order of the lines
  std::vector<std::string> unknown;  ///< names of lines that are neither a witness's nor the log's
};
/// The cosignatures of a checkpoint's note. Lines that name no given key are unknown, and so are
/// other kinds of cosignature by a witness (longer ones). Whether the log's own signature is good
/// is not checked, nor whether a time lies ahead. Errors: malformed (no note over a checkpoint),
/// untrusted (a bad one: it does not verify, has a time of 0 or beyond the year 9999, or has only
/// the name or only the key id of a witness).
[[nodiscard]] Result<Cosignatures> cosignatures_of(std::string_view note,
                                                   std::span<const NoteKey> witnesses,
                                                   const NoteKey* log);

/// What a log says of itself: origin, number of leaves, root.
struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root{};
  bool operator==(const Checkpoint&) const = default;
};

[[nodiscard]] std::string to_text(const Checkpoint& checkpoint);
/// Strict: three lines, no leading zeros, no extension lines. Errors: malformed.
[[nodiscard]] Result<Checkpoint> checkpoint_from(std::string_view text);

/// A receipt, c2sp.org/tlog-proof@v1: one leaf's inclusion in a checkpointed tree. `extra` holds
/// the leaf itself.
struct TlogProof {
  std::string extra;
  std::uint64_t index = 0;
  std::vector<Digest> hashes;
  std::string checkpoint;  ///< the signed note, verbatim
};

[[nodiscard]] std::string to_text(const TlogProof& proof);
/// Strict reader: the checkpoint must be a well-formed note over a checkpoint; its signatures are
/// not checked. Errors: malformed.
[[nodiscard]] Result<TlogProof> proof_from(std::string_view text);

}  // namespace quietus
