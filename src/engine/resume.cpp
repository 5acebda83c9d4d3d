// SPDX-License-Identifier: GPL-3.0-or-later
// Compares a sample of a medium with the records of an unfinished run.
#include "quietus/resume.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "quietus/fill.h"
#include "quietus/keystream.h"

#include "engine/chunks.h"

namespace quietus {
namespace {

/// What the records say of one pass.
ExtentMap map_of(const std::vector<JobRecord>& records, std::uint32_t pass) {
  ExtentMap map;
  for (const JobRecord& record : records) {
    const auto* one = std::get_if<MapRecord>(&record);
    if (one != nullptr && one->pass == pass) map.set(one->extent, one->state);
  }
  return map;
}

std::vector<Extent> on_medium(const ExtentMap& map) {
  std::vector<Extent> found = map.in_state(ExtentState::written);
  const std::vector<Extent> verified = map.in_state(ExtentState::verified);
  found.insert(found.end(), verified.begin(), verified.end());
  return joined(std::move(found));
}

/// The pieces to read: whole blocks, at most a chunk each.
std::vector<Extent> pieces_of(const std::vector<Extent>& recorded, std::uint64_t block,
                              Draw& draw) {
  std::vector<Extent> pieces;
  const auto add = [&](const Extent& range, std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t from = (offset + block - 1) / block * block;
    const std::uint64_t to = std::min(offset + length, range.end()) / block * block;
    if (from < to) pieces.push_back({from, to - from});
  };
  // A bad place at an end splits it, and does not make it shorter.
  std::uint64_t left = kResumeEndBytes;
  for (auto range = recorded.begin(); range != recorded.end() && left > 0; ++range) {
    const std::uint64_t length = std::min(left, range->length);
    add(*range, range->offset, length);
    left -= length;
  }
  left = kResumeEndBytes;
  for (auto range = recorded.rbegin(); range != recorded.rend() && left > 0; ++range) {
    const std::uint64_t length = std::min(left, range->length);
    add(*range, range->end() - length, length);
    left -= length;
  }
  const std::uint64_t total = total_bytes(recorded);
  for (std::uint32_t i = 0; i < kResumeSamples && total > 0; ++i) {
    std::uint64_t at = draw.below(total);
    for (const Extent& range : recorded) {
      if (at < range.length) {
        add(range, (range.offset + at) / block * block, block);
        break;
      }
      at -= range.length;
    }
  }
  return pieces;
}

/// Which passes' contents a place may hold: the recorded one's and, where the next one may have
/// begun without a record, that one's.
using Contents = std::vector<const PassContent*>;

class Comparison {
 public:
  Comparison(Medium& medium, const Geometry& geometry, Contents contents)
      : medium_(medium),
        how_(geometry.direct_alignment_bytes > 0 ? Transfer::direct : Transfer::buffered),
        contents_(std::move(contents)) {}

  /// Errors: changed. A place that can't be read tells nothing.
  Status compare(Extent piece) {
    const auto read = chunk_.first(piece.length);
    const Result<std::size_t> got = medium_.read_at(read, piece.offset, how_);
    if (!got || *got != piece.length) return {};
    ++compared_;
    const auto expected = expected_.first(piece.length);
    for (const PassContent* content : contents_) {
      fill(*content, 0, piece.offset, expected);
      if (std::memcmp(read.data(), expected.data(), piece.length) == 0) return {};
    }
    return matches_by_block(piece, read, expected);
  }
  [[nodiscard]] std::uint64_t compared() const { return compared_; }

 private:
  /// Where two passes may meet, each block may be of either.
  Status matches_by_block(Extent piece, std::span<const std::byte> read,
                          std::span<std::byte> expected) {
    constexpr std::uint64_t kBlock = 512;
    for (std::uint64_t at = 0; at < piece.length; at += kBlock) {
      const std::uint64_t length = std::min(kBlock, piece.length - at);
      const bool any = std::any_of(contents_.begin(), contents_.end(), [&](const auto* content) {
        fill(*content, 0, piece.offset + at, expected.first(length));
        return std::memcmp(&read[at], expected.data(), length) == 0;
      });
      if (any) continue;
      return Error{
          Errc::changed, 0,
          "it does not hold what the job wrote at offset " + std::to_string(piece.offset + at)};
    }
    return {};
  }

  Medium& medium_;
  Transfer how_;
  Contents contents_;
  AlignedBuffer chunk_{kResumeEndBytes + AlignedBuffer::kAlignment};
  AlignedBuffer expected_{kResumeEndBytes + AlignedBuffer::kAlignment};
  std::uint64_t compared_ = 0;
};

}  // namespace

JobStanding standing_of(const std::vector<JobRecord>& records) {
  JobStanding standing;
  for (const JobRecord& record : records) {
    if (const auto* map = std::get_if<MapRecord>(&record)) {
      standing.pass = std::max(standing.pass, map->pass);
    } else if (const auto* pass = std::get_if<PassRecord>(&record)) {
      standing.passes_closed = std::max(standing.passes_closed, pass->pass);
      standing.last = pass->finished;
    } else if (const auto* condition = std::get_if<Condition>(&record)) {
      standing.last = condition->at;
    } else if (const auto* operation = std::get_if<OperationRecord>(&record)) {
      standing.operation = operation->phase;
      standing.last = operation->at;
    }
  }
  const ExtentMap map = map_of(records, standing.pass);
  standing.verified_bytes = map.bytes_in(ExtentState::verified);
  standing.written_bytes = map.bytes_in(ExtentState::written) + standing.verified_bytes;
  return standing;
}

Status check_written(Medium& medium, const Rules& rules, const Secret& secret,
                     const std::vector<JobRecord>& records, Random& random) {
  const JobStanding standing = standing_of(records);
  const auto backend = find_keystream(rules.keystream);
  if (!backend) return backend.error();
  const auto passes = prepare(rules.scheme, rules.rounds, secret, 0, **backend);
  if (!passes) return passes.error();
  if (std::max(standing.pass, standing.passes_closed) > passes->size()) {
    return Error{Errc::malformed, 0, "the job has fewer passes"};
  }
  if (standing.pass == 0) return {};
  Contents contents{&(*passes)[standing.pass - 1]};
  const bool next_begun = standing.passes_closed == standing.pass && standing.pass < passes->size();
  if (next_begun) contents.push_back(&(*passes)[standing.pass]);
  const Result<Geometry> geometry = medium.geometry();
  if (!geometry) return geometry.error();
  const Result<Secret> seed = Secret::random(random);
  if (!seed) return seed.error();
  Draw draw(seed->bytes());
  const std::uint64_t block =
      std::max(geometry->logical_block_bytes, geometry->direct_alignment_bytes);
  const std::vector<Extent> recorded = on_medium(map_of(records, standing.pass));
  if (!recorded.empty() && recorded.back().end() > geometry->size_bytes) {
    return Error{Errc::changed, 0, "it is smaller than what the job wrote"};
  }
  const auto pieces = pieces_of(recorded, block, draw);
  Comparison comparison(medium, *geometry, std::move(contents));
  for (const Extent& piece : pieces) {
    if (Status same = comparison.compare(piece); !same) return same;
  }
  if (!pieces.empty() && comparison.compared() == 0) {
    return Error{Errc::io, 0, "nothing of what the job wrote can be read"};
  }
  return {};
}

}  // namespace quietus
