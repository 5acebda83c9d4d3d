// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps over places of a drive that belong to no pass.
#include "engine/drive_sweep.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "engine/chunks.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSecondUs = 1'000'000;
constexpr std::size_t kLongestPeriod = 64;  // of what is written again and again

/// The same bytes again and again, with a period that a pattern may have.
bool repeats(std::span<const std::byte> block) {
  for (std::size_t period = 1; period <= std::min(kLongestPeriod, block.size() / 2); ++period) {
    if (std::memcmp(block.data(), &block[period], block.size() - period) == 0) return true;
  }
  return false;
}

BlockLook look_of(std::span<const std::byte> block) {
  const bool uniform =
      block.size() < 2 || std::memcmp(block.data(), &block[1], block.size() - 1) == 0;
  if (uniform && block.front() == std::byte{0}) return BlockLook::zeros;
  if (uniform && block.front() == std::byte{0xff}) return BlockLook::ones;
  return uniform || repeats(block) ? BlockLook::repeated : BlockLook::varied;
}

/// Reads pieces of one sweep; used by several workers at once.
class Looker {
 public:
  Looker(const SweepTask& task, const StopFlag& stop, const DriveSweeps::Visit& visit,
         const BytesDone& done)
      : task_(task), stop_(stop), visit_(&visit), done_(&done) {
    const bool direct =
        task.geometry.direct_reads_reach_medium && task.geometry.direct_alignment_bytes > 0;
    how_ = direct ? Transfer::direct : Transfer::buffered;
    unit_ = std::max(task.geometry.logical_block_bytes, task.geometry.direct_alignment_bytes);
  }

  /// The whole piece, or, where the medium fails, its halves, down to the smallest unit.
  void read(Extent piece, WorkerBuffers& buffers) {
    if (stop_.insisted()) return;
    const Result<std::size_t> got = read_all(buffers.chunk.first(piece.length), piece.offset);
    if (got && *got == piece.length) return seen(piece, buffers.chunk.first(piece.length));
    const bool goes_on = goes_on_after_failure(task_, [&](std::uint64_t probe) {
      return read_all(buffers.chunk.first(unit_), probe).ok();
    });
    if (piece.length <= unit_ || !goes_on) return unreadable(piece);
    if (!narrows_on(task_, stop_)) return;
    const std::uint64_t cut = std::max<std::uint64_t>(piece.length / 2 / unit_, 1) * unit_;
    read({piece.offset, cut}, buffers);
    if (!narrows_on(task_, stop_)) return;
    read({piece.offset + cut, piece.length - cut}, buffers);
  }

  [[nodiscard]] SeenPlaces result() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    visit_ = nullptr;
    done_ = nullptr;
  }

 private:
  Result<std::size_t> read_all(std::span<std::byte> out, std::uint64_t offset) {
    std::size_t filled = 0;
    while (filled < out.size()) {
      const Result<std::size_t> got =
          task_.medium.read_at(out.subspan(filled), offset + filled, how_);
      if (!got) return got.error();
      if (task_.vitals != nullptr) task_.vitals->succeeded(*got);
      filled += *got;
      if (*got == 0 || (how_ == Transfer::direct && filled % unit_ != 0)) break;
    }
    return filled;
  }

  void seen(Extent piece, std::span<const std::byte> data) {
    std::array<std::uint64_t, 4> looks{};
    const std::size_t block = task_.geometry.logical_block_bytes;
    for (std::size_t at = 0; at < data.size(); at += block) {
      const auto one = data.subspan(at, std::min(block, data.size() - at));
      looks.at(static_cast<std::size_t>(look_of(one))) += one.size();
    }
    const std::lock_guard lock(mutex_);
    if (visit_ == nullptr) return;
    for (std::size_t i = 0; i < looks.size(); ++i) seen_.bytes_by_look.at(i) += looks.at(i);
    seen_.read_bytes += piece.length;
    if (*visit_) (*visit_)(piece.offset, data);
    tell();
  }

  void unreadable(Extent piece) {
    const std::lock_guard lock(mutex_);
    if (visit_ == nullptr) return;
    seen_.unreadable_bytes += piece.length;
    tell();
  }
  void tell() {
    if (*done_) (*done_)(seen_.read_bytes + seen_.unreadable_bytes);
  }

  const SweepTask task_;
  const StopFlag& stop_;
  Transfer how_ = Transfer::buffered;
  std::uint32_t unit_ = 512;
  std::mutex mutex_;  // over all that follows
  const DriveSweeps::Visit* visit_;
  const BytesDone* done_;
  SeenPlaces seen_;
};

}  // namespace

std::vector<std::uint64_t> probes_of(const std::vector<Extent>& content, std::uint64_t block) {
  std::vector<std::uint64_t> probes;
  if (content.empty()) return probes;
  const auto add = [&](std::uint64_t offset) {
    const std::uint64_t at = offset / block * block;
    const bool inside = std::any_of(content.begin(), content.end(), [&](const Extent& range) {
      return range.offset <= at && at + block <= range.end();
    });
    if (inside) probes.push_back(at);
  };
  const Extent& middle = content[content.size() / 2];
  add(content.front().offset);
  add(middle.offset + middle.length / 2);
  add(content.back().end() - std::min(block, content.back().length));
  return probes;
}

std::uint32_t ppm_of(std::uint64_t done, std::uint64_t total) {
  constexpr std::uint64_t kMillion = 1'000'000;
  if (done >= total) return kMillion;
  // Without an overflow of large media: to a millionth is enough.
  const std::uint64_t unit = std::max<std::uint64_t>(total / kMillion, 1);
  return static_cast<std::uint32_t>(std::min(done / unit * kMillion / (total / unit), kMillion));
}

/// What workers refer to.
struct DriveSweeps::Shared {
  Vitals vitals;
  PassContent nothing{FixedContent{{std::byte{0}}, 0}, false};  // of sweeps that only look
  std::vector<std::unique_ptr<PassContent>> contents{};
  std::vector<std::vector<std::uint64_t>> probes{};  // of every sweep
};

DriveSweeps::DriveSweeps(Workbench& bench, const Rules& rules, std::unique_ptr<Medium> drive)
    : bench_(bench),
      drive_(std::move(drive)),
      shared_(new Shared{Vitals(
          bench.clock, {rules.stall_timeout_s * kSecondUs, rules.minimum_bytes_per_second})}) {}

DriveSweeps::~DriveSweeps() {
  if (bench_.left_behind) static_cast<void>(shared_.release());
}

Status DriveSweeps::measure() {
  Result<Geometry> geometry = drive_->geometry();
  if (!geometry) return geometry.error();
  geometry_ = *geometry;
  if (geometry_.logical_block_bytes == 0) geometry_.logical_block_bytes = 512;
  if (geometry_.direct_alignment_bytes > kMaxDirectAlignmentBytes) {
    geometry_.direct_alignment_bytes = 0;
  }
  if (geometry_.direct_alignment_bytes == 0) geometry_.direct_reads_reach_medium = false;
  return {};
}

std::uint64_t DriveSweeps::block_bytes() const {
  return std::max(geometry_.logical_block_bytes, geometry_.direct_alignment_bytes);
}

const PassContent& DriveSweeps::keep(PassContent content) {
  shared_->contents.push_back(std::make_unique<PassContent>(std::move(content)));
  return *shared_->contents.back();
}

SweepTask DriveSweeps::task() {
  SweepTask task{*drive_, geometry_, shared_->nothing, 0, {}, bench_.workers};
  task.vitals = &shared_->vitals;
  task.watched = bench_.watched;
  return task;
}

void DriveSweeps::leave_behind() {
  bench_.left_behind = true;
  static_cast<void>(drive_.release());  // those who hang still use it
}

SweptPlaces DriveSweeps::write(const PassContent& content, std::vector<Extent> places,
                               const BytesDone& done) {
  return sweep(SweepKind::write, content, std::move(places), done);
}

SweptPlaces DriveSweeps::compare(const PassContent& content, std::vector<Extent> places,
                                 const BytesDone& done) {
  return sweep(SweepKind::verify, content, std::move(places), done);
}

SweptPlaces DriveSweeps::sweep(SweepKind kind, const PassContent& content,
                               std::vector<Extent> places, const BytesDone& done) {
  SweptPlaces swept;
  shared_->probes.push_back(probes_of(places, block_bytes()));
  const SweepTask base = task();
  SweepTask order{base.medium, geometry_, content, 0, places, base.workers};
  order.vitals = base.vitals;
  order.watched = base.watched;
  order.probes = shared_->probes.back();
  std::uint64_t bytes = 0;
  const auto keep_piece = [&](Extent piece, ExtentState state, int) {
    const bool good = state == ExtentState::unknown || state == ExtentState::verified;
    const bool differs = state == ExtentState::mismatch;
    (good ? swept.good : differs ? swept.differing : swept.failed).push_back(piece);
    bytes += piece.length;
    if (done) done(bytes);
  };
  const SweepEnd end = kind == SweepKind::write ? write_sweep(order, bench_.stop, keep_piece)
                                                : verify_sweep(order, bench_.stop, keep_piece);
  if (end == SweepEnd::left_behind) leave_behind();
  for (auto* list : {&swept.good, &swept.differing, &swept.failed}) {
    *list = joined(std::move(*list));
  }
  return swept;
}

SeenPlaces DriveSweeps::look(std::vector<Extent> places, const BytesDone& done,
                             const Visit& visit) {
  shared_->probes.push_back(probes_of(places, block_bytes()));
  SweepTask order = task();
  order.ranges = places;
  order.probes = shared_->probes.back();
  auto looker = std::make_unique<Looker>(order, bench_.stop, visit, done);
  const SweepEnd end = for_each_chunk(
      order, places, bench_.stop,
      [one = looker.get()](Extent piece, WorkerBuffers& buffers) { one->read(piece, buffers); });
  const SeenPlaces seen = looker->result();
  if (end == SweepEnd::returned) return seen;
  looker->forget();
  static_cast<void>(looker.release());  // those who hang still use it
  leave_behind();
  return seen;
}

Status DriveSweeps::flush() {
  Status flushed = flush_unless_insisted(drive_, bench_.stop, &shared_->vitals);
  if (lost()) bench_.left_behind = true;
  return flushed;
}

Health DriveSweeps::health() const { return shared_->vitals.health(); }

}  // namespace quietus
