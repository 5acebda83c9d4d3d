// SPDX-License-Identifier: GPL-3.0-or-later
// FirmwareEvidence: what a drive was told, what it answered, and what its medium showed afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "quietus/drive_abilities.h"
#include "quietus/encrypted_volume.h"
#include "quietus/extent.h"
#include "quietus/text.h"

namespace quietus {

/// Blocks of keyed random bytes that were on the medium before, and must not be after.
struct DriveCanaries {
  Bytes seed;  ///< 32 bytes: places and contents follow from it (see canaries.h)
  std::uint64_t block_bytes = 0;
  std::uint64_t planted_blocks = 0;  ///< written and read back
  std::uint64_t planted_bytes = 0;
  bool whole_medium = false;  ///< every addressable block was one
  std::string read_back_by;   ///< "fua", "direct_io"
  std::uint64_t survived_blocks = 0;
  std::uint64_t unreadable_blocks = 0;  ///< after the action: not seen to be gone
  std::uint64_t checked_blocks = 0;     ///< after the action
  std::vector<Extent> survivors;        ///< the first ones
};

/// How many survivors are listed.
inline constexpr std::size_t kMaxListedSurvivors = 100;

/// What was read of the medium afterwards, beside the canaries.
struct AfterSample {
  Bytes seed;  ///< as SamplingEvidence::seed
  std::uint64_t sample_bytes = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t unreadable_bytes = 0;
  std::uint64_t differing_bytes = 0;  ///< where the drive defines what is read: not that
  bool whole_medium = false;
  std::string looks;  ///< "zeros", "ones", "pattern", "varied", "mixed", "unreadable"
};

/// The destruction of a volume's keys.
struct KeyEvidence {
  EncryptedVolume volume;
  bool slots_destroyed = false;         ///< by the system's own library
  std::uint64_t overwritten_bytes = 0;  ///< of the header, and of copies of it that were found
  std::uint64_t compared_bytes = 0;
  std::vector<Extent> copies_found;  ///< headers of volumes elsewhere on the medium
  std::uint64_t searched_bytes = 0;
  std::uint64_t headers_left = 0;  ///< after the run
};

struct FirmwareEvidence {
  Method method = Method::sanitize_block;
  std::string command;  ///< with standard and clause
  CommandSet commands = CommandSet::none;
  bool enhanced = false;         ///< of secure_erase
  std::uint32_t format_ses = 0;  ///< of an NVMe format
  DriveIdentity identity;        ///< read by the descriptor right before the command
  HiddenAreaFacts hidden_before;
  HiddenAreaFacts hidden_after;
  bool hidden_restored = false;
  std::optional<std::uint64_t> estimate_s;
  std::optional<Time> sent;   ///< none: it was never sent
  std::optional<Time> ended;  ///< as the drive reported it
  std::string reported;       ///< name_of(OperationState)
  std::string reported_text;
  bool reset_seen = false;
  bool no_deallocate = false;
  std::optional<bool> global_data_erased;
  std::vector<RawAnswer> before;
  std::vector<RawAnswer> after;
  std::optional<DriveCanaries> canaries;
  std::optional<AfterSample> sample;
  std::optional<KeyEvidence> keys;  ///< of key_erase
};

}  // namespace quietus
