// SPDX-License-Identifier: GPL-3.0-or-later
// Takes free space into files, and carries these through the passes.
#include "engine/space_bulk.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/chunks.h"

namespace quietus {
namespace {

/// Allocates where that is offered; from the first time that it is not, writes.
class Taker {
 public:
  Taker(Medium& file, Directory& there, const TakeOrder& order, const StopFlag& stop)
      : file_(file), there_(there), order_(order), stop_(stop) {}

  Taken run() {
    Taken taken;
    std::uint64_t step = std::max(order_.first_step, order_.block_bytes);
    while (!stop_.requested()) {
      if (order_.enough && order_.enough()) break;
      const std::uint64_t length = std::min(step, room(taken.bytes));
      if (length == 0) break;
      const Status got = take({taken.bytes, length});
      if (got) {
        taken.bytes += length;
        continue;
      }
      taken.end = end_of(got.error());
      if (taken.end == TakeEnd::failed) taken.failure = got;
      const bool may_be_shorter = taken.end == TakeEnd::no_space || taken.end == TakeEnd::quota;
      if (!may_be_shorter || length <= order_.block_bytes) return taken;
      step = std::max(length / 2 / order_.block_bytes * order_.block_bytes, order_.block_bytes);
    }
    taken.end = TakeEnd::enough;
    return taken;
  }

 private:
  /// How much more may be taken, in whole blocks.
  [[nodiscard]] std::uint64_t room(std::uint64_t taken) {
    std::uint64_t left = order_.most_bytes - taken;
    if (order_.keep_free > 0) {
      const Result<SpaceFacts> space = there_.space();
      if (!space || space->free_bytes <= order_.keep_free) return 0;
      left = std::min(left, space->free_bytes - order_.keep_free);
    }
    return left / order_.block_bytes * order_.block_bytes;
  }

  [[nodiscard]] static TakeEnd end_of(const Error& error) {
    if (error.code == Errc::no_space) {
      return error.os_code == EDQUOT ? TakeEnd::quota : TakeEnd::no_space;
    }
    return error.code == Errc::invalid ? TakeEnd::too_long : TakeEnd::failed;
  }

  Status take(Extent extent) {
    if (!writes_) {
      const Status allocated = file_.allocate(extent);
      if (allocated || allocated.error().code != Errc::unsupported) return allocated;
      writes_ = true;
    }
    return write_zeros(extent);
  }

  /// What was written of a piece that does not fit as a whole is written again by the next try.
  Status write_zeros(Extent extent) {
    constexpr std::size_t kPiece = 1U << 20U;
    if (zeros_.empty()) zeros_.resize(kPiece);
    for (std::uint64_t at = extent.offset; at < extent.end() && !stop_.requested();) {
      const std::size_t length = std::min<std::uint64_t>(kPiece, extent.end() - at);
      const auto wrote = file_.write_at(std::span(zeros_).first(length), at, Transfer::buffered);
      if (!wrote) return wrote.error();
      if (*wrote == 0) return Error{Errc::no_space, 0, "no more bytes are taken"};
      at += *wrote;
    }
    return {};
  }

  Medium& file_;
  Directory& there_;
  const TakeOrder& order_;
  const StopFlag& stop_;
  Bytes zeros_;
  bool writes_ = false;
};

/// Passes on what is told, as the pass that it really is.
class Renumbered final : public EventSink {
 public:
  Renumbered(EventSink& inner, std::uint32_t pass, std::uint32_t passes)
      : inner_(inner), pass_(pass), passes_(passes) {}
  void on(const Event& event) override {
    Event told = event;
    std::visit(
        [this](auto& one) {
          if constexpr (requires { one.sweep; }) {
            one.sweep.pass = pass_;
            one.sweep.passes = passes_;
          }
        },
        told);
    inner_.on(told);
  }

 private:
  EventSink& inner_;
  std::uint32_t pass_;
  std::uint32_t passes_;
};

void add(PassEvidence& sum, const PassEvidence& one) {
  sum.written_bytes += one.written_bytes;
  sum.failed_bytes += one.failed_bytes;
  sum.unknown_bytes += one.unknown_bytes;
  sum.flushed = sum.flushed && one.flushed;
  sum.finished = one.finished;
  sum.verified = sum.verified && one.verified;
  sum.compared_bytes += one.compared_bytes;
  sum.mismatched_bytes += one.mismatched_bytes;
  sum.unreadable_bytes += one.unreadable_bytes;
  if (one.disk_bytes_read)
    sum.disk_bytes_read = sum.disk_bytes_read.value_or(0) + *one.disk_bytes_read;
}

}  // namespace

Taken take_space(Medium& file, Directory& there, const TakeOrder& order, const StopFlag& stop) {
  return Taker(file, there, order, stop).run();
}

std::vector<BatchEntry> PassRunner::batch_of(std::vector<Filler> fillers) {
  std::vector<BatchEntry> batch;
  for (Filler& filler : fillers) {
    Examination seen;
    const Result<Attributes> attributes = filler.medium->attributes();
    if (!attributes) {
      sum_.outcome = worse(sum_.outcome, Outcome::failed);
      add_fact({"unreadable", attributes.error().what, true});
      continue;
    }
    if (attributes->size_bytes == 0) continue;
    seen.attributes = *attributes;
    seen.file_system = what_.file_system;
    if (auto placements = filler.medium->placements()) seen.placements = std::move(*placements);
    seen.medium = std::move(filler.medium);
    BatchEntry entry;
    entry.job = std::make_unique<FileJob>(next_item_++, std::move(filler.path), std::move(seen),
                                          what_.rules);
    entry.directory = &anywhere_;
    // Where the file itself can't be read past the cache.
    FileJob& job = *entry.job;
    if (!job.geometry().direct_reads_reach_medium && what_.rules.verify != VerifyMode::none) {
      job.know_places(StoredPlaces::of(bench_.platform.stored(job.medium()), devices_));
    }
    batch.push_back(std::move(entry));
  }
  return batch;
}

std::vector<BatchEntry> PassRunner::run(std::vector<Filler> fillers) {
  std::vector<BatchEntry> batch = batch_of(std::move(fillers));
  if (batch.empty()) return batch;
  overwriter_.run(batch);
  add_up(batch);
  return batch;
}

std::vector<BatchEntry> PassRunner::run_one(std::vector<Filler> fillers, std::uint32_t pass) {
  std::vector<BatchEntry> batch = batch_of(std::move(fillers));
  if (batch.empty()) return batch;
  std::vector<PassContent> one;
  one.push_back(std::move(what_.passes[pass]));
  Renumbered events(bench_.events, pass + 1, static_cast<std::uint32_t>(what_.passes.size()));
  Workbench bench{bench_.platform, bench_.clock, bench_.random,
                  events,          bench_.stop,  bench_.workers};
  Evidence evidence;
  Overwriter({what_.title, what_.rules}, one, evidence, bench).run(batch);
  what_.passes[pass] = std::move(one.front());
  if (!evidence.passes.empty()) {
    if (evidence_.passes.size() <= pass) {
      evidence_.passes.resize(pass);
      evidence_.passes.push_back(std::move(evidence.passes.front()));
    } else {
      add(evidence_.passes[pass], evidence.passes.front());
    }
  }
  add_up(batch);
  return batch;
}

void PassRunner::add_up(const std::vector<BatchEntry>& batch) {
  for (const BatchEntry& entry : batch) {
    sum_.outcome = worse(sum_.outcome, entry.job->outcome());
    sum_.bytes += entry.job->content_bytes();
    for (const BadExtent& bad : entry.job->bad_extents()) sum_.bad_bytes += bad.extent.length;
    for (const Fact& fact : entry.job->facts()) add_fact(fact);
    const bool direct = entry.job->cache_bypass() == CacheBypass::direct_io;
    if (entry.job->to_be_written()) sum_.all_direct = sum_.all_direct && direct;
  }
}

void PassRunner::add_fact(const Fact& fact) {
  if (std::find(sum_.facts.begin(), sum_.facts.end(), fact) == sum_.facts.end()) {
    sum_.facts.push_back(fact);
  }
}

}  // namespace quietus
