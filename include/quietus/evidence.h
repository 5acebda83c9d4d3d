// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence: what a run wrote, read back and could not reach. The engine makes it; certificate and
// reports only read it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "quietus/device.h"
#include "quietus/events.h"
#include "quietus/extent.h"
#include "quietus/firmware_evidence.h"
#include "quietus/outcome.h"
#include "quietus/plan.h"
#include "quietus/space_evidence.h"
#include "quietus/text.h"

namespace quietus {

/// How reads of the verification got past the kernel's cache.
enum class CacheBypass { direct_io, none };

[[nodiscard]] std::string_view name_of(CacheBypass bypass);

/// What a pass wrote, as far as it may be told.
struct ContentFacts {
  enum class Kind { fixed, keystream };
  Kind kind = Kind::keystream;
  Bytes bytes;                                   ///< fixed
  std::uint32_t flip_first_bit_every_bytes = 0;  ///< fixed
  std::string keystream;                         ///< backend name
  std::optional<Bytes> key;  ///< the last pass of an image only, unless withheld
};

/// One pass over the target; of a file set, the sums over all its files.
struct PassEvidence {
  ContentFacts content;
  std::uint64_t written_bytes = 0;
  std::uint64_t failed_bytes = 0;
  std::uint64_t unknown_bytes = 0;  ///< written, but the flush failed
  bool flushed = true;
  Time started{};
  Time finished{};
  bool verified = false;  ///< read back and compared, as far as it could be read
  std::uint64_t compared_bytes = 0;
  std::uint64_t mismatched_bytes = 0;
  std::uint64_t unreadable_bytes = 0;
  /// What the kernel counted for the disk below while verifying, other programs' reads included;
  /// none: no counter.
  std::optional<std::uint64_t> disk_bytes_read;
};

/// A range that some pass did not complete.
struct BadExtent {
  Extent extent;
  ExtentState state = ExtentState::unknown;
  std::vector<std::uint32_t> passes;  ///< 1-based
  int os_code = 0;

  bool operator==(const BadExtent&) const = default;
};

/// Something true of the result that a reader has to know. An exception lowers the outcome, a
/// remark does not.
struct Fact {
  std::string code;
  std::string text;
  bool exception = false;

  auto operator<=>(const Fact&) const = default;
};

/// One entry that did not end as sanitized. `extents` are within that entry.
struct EntryException {
  std::uint64_t item = 0;
  std::string path;
  Outcome outcome = Outcome::failed;
  std::vector<BadExtent> extents;
  std::vector<Fact> facts;
};

/// How a drive fared at one moment of a run.
struct Condition {
  Time at{};
  std::uint32_t pass = 1;  ///< 1-based
  SweepKind kind = SweepKind::write;
  std::uint64_t done_bytes = 0;        ///< of this sweep
  std::uint64_t bytes_per_second = 0;  ///< since the condition before
  std::optional<std::int32_t> temperature_millicelsius;
};

/// At most so many conditions are kept; then every second one goes.
inline constexpr std::size_t kMaxConditions = 240;

/// What a sampled verification read, and what it would have noticed (see sampling.h).
struct SamplingEvidence {
  Bytes seed;  ///< 32 bytes, drawn after the last write: anybody can draw the same samples
  std::uint64_t strata = 0;
  std::uint64_t samples = 0;           ///< the first and the last block included
  std::uint64_t sample_bytes = 0;      ///< planned to be read
  std::uint64_t population_bytes = 0;  ///< of which they are a sample
  /// The smallest share of the medium, in parts per million rounded up, whose wrong content,
  /// wherever it lies, would have been seen with a probability of 99 %.
  std::uint64_t detectable_ppm = 0;
  std::uint64_t cells_per_stratum = 0;  ///< see SamplePlan; 0: all was read
  std::uint64_t cell_bytes = 0;         ///< of each cell; 0: all was read
};

/// What a drive looked like after the last pass.
struct DeviceAfterwards {
  /// "reread", "no_partitions" (the kernel says that it keeps none here), or why it failed.
  std::string partition_table;
  std::optional<std::vector<ContentSignature>> signatures;  ///< none: could not be probed
};

/// How many exceptions a certificate lists; the rest is counted.
inline constexpr std::size_t kMaxListedExceptions = 1000;

struct Evidence {
  TargetKind kind = TargetKind::files;
  Outcome outcome = Outcome::failed;
  std::uint64_t size_bytes = 0;     ///< image: its length; files: sum of lengths
  std::uint64_t content_bytes = 0;  ///< of those, what is allocated and so was to be overwritten
  std::uint32_t passes_planned = 0;
  std::vector<PassEvidence> passes;  ///< started ones
  VerifyMode verify = VerifyMode::full;
  CacheBypass cache_bypass = CacheBypass::none;
  Time started{};
  Time finished{};

  std::vector<Fact> facts;  ///< distinct, about the target or any of its entries

  // Of an image or a drive.
  std::vector<Condition> conditions;
  std::optional<SamplingEvidence> sampling;
  std::optional<DeviceAfterwards> afterwards;  ///< of a drive
  std::vector<Time> resumed;                   ///< when the run was taken up again

  std::optional<FirmwareEvidence> firmware;  ///< of a drive, by another method than overwriting
  std::optional<DriveHealth> health_before;  ///< of a drive whose firmware was asked
  std::optional<DriveHealth> health_after;

  std::optional<PlacementProof> proof;  ///< of a file set
  std::optional<ChaseEvidence> chase;   ///< of a file set, with --chase
  std::optional<SpaceEvidence> space;   ///< of free space, or of a file set with --deep or --chase

  // Ranges of an image or a drive; entries of a file set.
  std::vector<BadExtent> extents;
  std::uint64_t extents_not_listed = 0;
  std::uint64_t extent_bytes_not_listed = 0;
  std::uint64_t entries = 0;
  std::map<Outcome, std::uint64_t> entries_by_outcome;
  std::vector<EntryException> exceptions;  ///< the first kMaxListedExceptions by item
  std::uint64_t exceptions_not_listed = 0;
  std::uint64_t names_removed = 0;
  std::string manifest_root;  ///< file sets: hex RFC 6962 root over the manifest's lines
};

}  // namespace quietus
