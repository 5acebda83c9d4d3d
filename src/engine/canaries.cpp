// SPDX-License-Identifier: GPL-3.0-or-later
// Planting, reading back, looking again.
#include "engine/canaries.h"

#include <algorithm>
#include <utility>

#include "quietus/firmware.h"

#include "engine/placement.h"

namespace quietus {
namespace {

/// So many single blocks are asked of the medium itself, past the drive's own cache: each is a
/// command of its own.
constexpr std::size_t kBlocksPastCache = 64;

/// The blocks at both ends of the ranges and others evenly between.
std::vector<std::uint64_t> some_blocks(const std::vector<Extent>& ranges, std::uint64_t block) {
  const std::uint64_t blocks = total_bytes(ranges) / block;
  std::vector<std::uint64_t> places;
  if (blocks == 0) return places;
  const std::uint64_t count = std::min<std::uint64_t>(blocks, kBlocksPastCache);
  std::uint64_t before = 0;  // blocks of the ranges that were passed
  auto range = ranges.begin();
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t number = count == 1 ? 0 : i * (blocks - 1) / (count - 1);
    while (number >= before + range->length / block) {
      before += range->length / block;
      ++range;
    }
    places.push_back(range->offset + (number - before) * block);
  }
  return places;
}

}  // namespace

CanaryRun::CanaryRun(DriveSweeps& sweeps, const DriveAbilities& abilities, Bytes seed)
    : sweeps_(sweeps), abilities_(abilities) {
  evidence_.seed = std::move(seed);
  evidence_.block_bytes = sweeps.block_bytes();
}

CanaryRun::CanaryRun(DriveSweeps& sweeps, const DriveAbilities& abilities, DriveCanaries recorded,
                     std::vector<Extent> planted)
    : sweeps_(sweeps),
      abilities_(abilities),
      evidence_(std::move(recorded)),
      planted_(std::move(planted)),
      wanted_bytes_(total_bytes(planted_)) {}

Status CanaryRun::prepare() {
  if (evidence_.seed.size() != Secret::kBytes) return Error{Errc::internal, 0, "no canary seed"};
  const std::span<const std::byte, Secret::kBytes> seed(evidence_.seed);
  Result<PassContent> content = canary_content(seed);
  if (!content) return content.error();
  content_ = &sweeps_.keep(std::move(*content));
  return {};
}

Status CanaryRun::plant(std::span<const std::uint64_t> borders, const PartDone& done) {
  if (Status ready = prepare(); !ready) return ready;
  const std::span<const std::byte, Secret::kBytes> seed(evidence_.seed);
  const CanaryGround ground{sweeps_.geometry().size_bytes, evidence_.block_bytes, borders};
  Result<CanaryPlaces> places = place_canaries(ground, seed);
  if (!places) return places.error();
  wanted_bytes_ = total_bytes(places->ranges);
  const auto tell = [&](std::uint64_t before) {
    return [&, before](std::uint64_t now) { done(before + now, 2 * wanted_bytes_); };
  };
  SweptPlaces wrote = sweeps_.write(*content_, places->ranges, tell(0));
  if (sweeps_.stopped()) return {};
  if (Status flushed = sweeps_.flush(); !flushed) return flushed.error().in("the flush failed");
  if (wrote.good.empty()) return Error{Errc::io, 0, "the drive took none of them"};
  // A failure to drop changes nothing: only direct reads count as reads of the medium.
  static_cast<void>(sweeps_.drive().drop_cache().ok());
  SweptPlaces read = sweeps_.compare(*content_, std::move(wrote.good), tell(wanted_bytes_));
  if (sweeps_.stopped()) return {};
  keep_planted(std::move(read.good));
  if (planted_.empty()) return Error{Errc::io, 0, "none of them could be read back"};
  ask_past_cache();
  evidence_.whole_medium = places->whole_medium && planted_ == places->ranges;
  return planted_.empty() ? Status(Error{Errc::io, 0, "the drive kept them in its cache only"})
                          : Status();
}

/// Only whole blocks count.
void CanaryRun::keep_planted(std::vector<Extent> equal) {
  const std::uint64_t block = evidence_.block_bytes;
  for (Extent& range : equal) {
    const std::uint64_t from = (range.offset + block - 1) / block * block;
    const std::uint64_t to = range.end() / block * block;
    range = {from, to > from ? to - from : 0};
  }
  planted_ = joined(std::move(equal));
  evidence_.planted_bytes = total_bytes(planted_);
  evidence_.planted_blocks = evidence_.planted_bytes / block;
}

/// Whether they are on the medium, and not in the drive's cache only. A block that differs there
/// speaks against all of them: the flush was not one.
void CanaryRun::ask_past_cache() {
  evidence_.read_back_by = "direct_io";
  const auto bytes = static_cast<std::uint32_t>(sweeps_.geometry().logical_block_bytes);
  Bytes expected(bytes);
  std::size_t asked = 0;
  for (const std::uint64_t at : some_blocks(planted_, evidence_.block_bytes)) {
    const Result<Bytes> read = read_block_past_cache(sweeps_.drive(), abilities_, at, bytes);
    if (!read) return;
    fill(*content_, 0, at, expected);
    if (*read != expected) return keep_planted({});
    ++asked;
  }
  if (asked > 0) evidence_.read_back_by = "fua";
}

/// A block that is there in part is there.
std::vector<Extent> CanaryRun::whole_blocks(const std::vector<Extent>& touched) const {
  const std::uint64_t block = evidence_.block_bytes;
  std::vector<Extent> blocks;
  for (const Extent& range : touched) {
    const std::uint64_t from = range.offset / block * block;
    blocks.push_back({from, (range.end() + block - 1) / block * block - from});
  }
  return joined(std::move(blocks));
}

Status CanaryRun::check(const PartDone& done) {
  if (Status ready = prepare(); !ready) return ready;
  static_cast<void>(sweeps_.drive().drop_cache().ok());
  const SweptPlaces read =
      sweeps_.compare(*content_, planted_, [&](std::uint64_t now) { done(now, wanted_bytes_); });
  const std::uint64_t block = evidence_.block_bytes;
  const std::vector<Extent> survived = whole_blocks(read.good);
  // What was not reached, or only in part, was not seen to be gone.
  const std::vector<Extent> not_seen =
      without(without(planted_, read.differing), whole_blocks(read.good));
  const std::vector<Extent> unseen = without(whole_blocks(not_seen), survived);
  evidence_.survived_blocks = total_bytes(survived) / block;
  evidence_.unreadable_blocks = total_bytes(unseen) / block;
  evidence_.checked_blocks = evidence_.planted_blocks - evidence_.unreadable_blocks;
  evidence_.survivors.assign(
      survived.begin(), survived.begin() + static_cast<std::ptrdiff_t>(
                                               std::min(survived.size(), kMaxListedSurvivors)));
  return {};
}

}  // namespace quietus
