// SPDX-License-Identifier: GPL-3.0-or-later
// Overwrite: carries a batch of files, or one image, through all passes: write all, make durable,
// read back.
#include "engine/overwrite.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace quietus {
namespace {

// Up to here files of a batch are written through the cache, which is written back at once.
constexpr std::uint64_t kBufferedBytes = std::uint64_t{256} << 10;

constexpr std::uint64_t kSectorBytes = 512;  // the unit of the kernel's counters, whatever the disk

std::uint64_t bytes_to_do(std::span<BatchEntry> batch) {
  std::uint64_t total = 0;
  for (const BatchEntry& entry : batch) {
    if (entry.job->to_be_written()) total += entry.job->content_bytes();
  }
  return total;
}

std::optional<std::uint64_t> sectors_read(std::span<BatchEntry> batch) {
  // One counter per disk; a batch lies on one disk, or the figure would mix several.
  for (BatchEntry& entry : batch) {
    if (!entry.job->to_be_written()) continue;
    const Result<Counters> counters = entry.job->medium().counters();
    if (!counters) return std::nullopt;
    return counters->sectors_read;
  }
  return std::nullopt;
}

/// Each group once, by up to so many threads, the caller's among them.
void for_each_of(const std::vector<JobGroup>& groups, unsigned workers,
                 const std::function<void(const JobGroup&)>& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t i = next.fetch_add(1); i < groups.size(); i = next.fetch_add(1)) {
      work(groups[i]);
    }
  };
  std::vector<std::thread> others;
  try {
    for (unsigned i = 1; i < workers && i < groups.size(); ++i) others.emplace_back(run);
  } catch (const std::system_error&) {
    // A limit on threads: those that there are do it.
  }
  run();
  for (std::thread& other : others) other.join();
}

/// Where a file begins on its device; none: it is read by itself.
std::optional<DeviceExtent> place_of(const BatchEntry& entry) {
  const StoredPlaces* places = entry.job->places();
  if (places == nullptr || entry.job->content_bytes() > kBufferedBytes) return std::nullopt;
  // What was not overwritten is not read either.
  const std::uint64_t written = total_bytes(entry.job->in_state(ExtentState::written));
  if (written != entry.job->content_bytes()) return std::nullopt;
  return places->pieces().front().copies.front();
}

/// Each by itself; but those that are read back from devices in the order in which they lie there,
/// so many together as one transfer takes.
std::vector<JobGroup> grouped(std::vector<BatchEntry*> jobs, bool read_back) {
  std::vector<JobGroup> groups;
  std::vector<std::pair<DeviceExtent, BatchEntry*>> placed;
  for (BatchEntry* job : jobs) {
    const std::optional<DeviceExtent> place = read_back ? place_of(*job) : std::nullopt;
    if (place) placed.emplace_back(*place, job);
    if (!place) groups.push_back({job});
  }
  std::stable_sort(placed.begin(), placed.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::uint64_t room = 0;
  for (const auto& [place, job] : placed) {
    const std::uint64_t bytes = job->job->content_bytes();
    if (bytes > room) {
      groups.emplace_back();
      room = kChunkBytes;
    }
    groups.back().push_back(job);
    room -= bytes;
  }
  return groups;
}

void add_to(std::optional<std::uint64_t>& sum, std::optional<std::uint64_t> before,
            std::optional<std::uint64_t> after) {
  if (!before || !after || *after < *before) return;
  sum = sum.value_or(0) + (*after - *before) * kSectorBytes;
}

}  // namespace

void Overwriter::run(std::span<BatchEntry> batch) {
  ++batch_;
  for (std::uint32_t number = 1; number <= passes_.size(); ++number) {
    if (bytes_to_do(batch) == 0) break;
    run_pass(batch, number);
    if (bench_.stop.requested()) break;
  }
  for (BatchEntry& entry : batch) {
    // Whenever the stop came: a job without all its passes is not complete.
    const bool lacks_passes = entry.job->closed_passes() < passes_.size();
    if (entry.job->to_be_written() && lacks_passes) entry.job->interrupt();
    entry.job->look_after();
  }
}

void Overwriter::run_pass(std::span<BatchEntry> batch, std::uint32_t number) {
  const bool fresh = evidence_.passes.size() < number;
  PassEvidence& evidence = evidence_of(number);
  write(batch, number);
  const bool reads = reads_back(number) && !bench_.stop.requested();
  if (reads) verify(batch, number);
  const bool complete = !bench_.stop.requested();
  for (BatchEntry& entry : batch) {
    if (!entry.job->to_be_written()) continue;
    if (!complete) entry.job->interrupt();
    entry.job->close_pass(evidence, reads && complete);
  }
  evidence.verified = (fresh || evidence.verified) && reads && complete;
  evidence.finished = bench_.clock.now();
}

bool Overwriter::reads_back(std::uint32_t number) const {
  if (task_.rules.verify == VerifyMode::none) return false;
  return number == passes_.size() || passes_[number - 1].verify;
}

PassEvidence& Overwriter::evidence_of(std::uint32_t number) {
  while (evidence_.passes.size() < number) {
    PassEvidence fresh;
    fresh.started = bench_.clock.now();
    evidence_.passes.push_back(std::move(fresh));
  }
  return evidence_.passes[number - 1];
}

void Overwriter::sweep(std::span<BatchEntry> batch, std::uint32_t number, SweepKind kind,
                       const JobSweep& each) {
  const Sweep about{task_.title, number, static_cast<std::uint32_t>(passes_.size()), kind, batch_};
  const std::uint64_t total = bytes_to_do(batch);
  const std::uint64_t started = bench_.clock.monotonic_us();
  std::uint64_t done = 0;
  std::uint64_t good = 0;
  bench_.events.on(PassStarted{about, total});
  std::mutex mutex;
  sweep_jobs(batch, kind, [&](BatchEntry& entry, const JobPart& part) {
    each(*entry.job, part, [&](Extent piece, ExtentState state, int os_code) {
      const std::lock_guard lock(mutex);
      done += piece.length;
      const bool bad = state != ExtentState::unknown && state != ExtentState::verified;
      if (bad) bench_.events.on(BadExtentFound{about, entry.job->path(), piece, state, os_code});
      if (!bad) good += piece.length;
      bench_.events.on(Progress{about, done, total});
    });
  });
  if (kind == SweepKind::write) {
    flush(batch);
    const std::uint64_t lost = report_lost(batch, about);
    good -= lost;
    if (lost > 0) evidence_of(number).flushed = false;
  }
  bench_.events.on(PassFinished{about, good, bench_.clock.monotonic_us() - started});
}

/// Small files by several workers that each take the next group of them, large ones by workers of
/// their own, one after the other. With one worker, what is written in its order.
void Overwriter::sweep_jobs(std::span<BatchEntry> batch, SweepKind kind,
                            const std::function<void(BatchEntry&, const JobPart&)>& one) {
  const bool many = batch.size() > 1;
  std::vector<BatchEntry*> small;
  std::vector<BatchEntry*> large;
  for (BatchEntry& entry : batch) {
    if (!entry.job->to_be_written()) continue;
    const bool is_small = many && entry.job->content_bytes() <= kChunkBytes;
    (is_small || bench_.workers <= 1 ? small : large).push_back(&entry);
  }
  const std::vector<JobGroup> groups = grouped(std::move(small), kind == SweepKind::verify);
  for_each_of(groups, bench_.workers, [&](const JobGroup& group) {
    ReadAhead ahead;
    if (group.size() > 1) {
      for (const BatchEntry* entry : group) ahead.add(*entry->job->places());
      ahead.read();
    }
    for (BatchEntry* entry : group) {
      if (!bench_.stop.requested()) one(*entry, {many, group.size() > 1 ? &ahead : nullptr});
    }
  });
  for (BatchEntry* entry : large) {
    if (!bench_.stop.requested()) one(*entry, {});
  }
}

void Overwriter::write(std::span<BatchEntry> batch, std::uint32_t number) {
  const PassContent& content = passes_[number - 1];
  const auto write_job = [&](FileJob& job, const JobPart& part, const PieceDone& done) {
    job.begin_pass(number);
    SweepOrder order{content, bench_, job.content()};
    order.alone = !part.small;
    order.buffered = part.small && job.content_bytes() <= kBufferedBytes;
    static_cast<void>(job.write(order, done));
  };
  sweep(batch, number, SweepKind::write, write_job);
}

void Overwriter::verify(std::span<BatchEntry> batch, std::uint32_t number) {
  const PassContent& content = passes_[number - 1];
  const std::optional<std::uint64_t> before = sectors_read(batch);
  const auto read_job = [&](FileJob& job, const JobPart& part, const PieceDone& done) {
    const std::vector<Extent> written = job.in_state(ExtentState::written);
    SweepOrder order{content, bench_, written};
    order.alone = !part.small;
    order.ahead = part.ahead;
    static_cast<void>(job.verify(order, done));
  };
  sweep(batch, number, SweepKind::verify, read_job);
  add_to(evidence_of(number).disk_bytes_read, before, sectors_read(batch));
}

/// One sync for all files of a file system; for a file that is alone there, its own flush.
void Overwriter::flush(std::span<BatchEntry> batch) {
  std::map<std::uint64_t, std::vector<BatchEntry*>> by_device;
  for (BatchEntry& entry : batch) {
    if (entry.job->to_be_written()) by_device[entry.job->identity().device].push_back(&entry);
  }
  for (auto& [device, entries] : by_device) {
    flush_together(entries);
    checkpoint(entries);
  }
}

void Overwriter::flush_together(std::span<BatchEntry*> entries) {
  if (entries.size() == 1) return flush_each(entries);
  const Status synced = entries.front()->directory->sync_filesystem();
  if (!synced && synced.error().code == Errc::unsupported) return flush_each(entries);
  for (BatchEntry* entry : entries) entry->job->settle(synced);
}

/// Once for all of a file system whose content goes through its journal.
void Overwriter::checkpoint(std::span<BatchEntry*> entries) {
  std::optional<Status> done;
  for (BatchEntry* entry : entries) {
    if (!entry->job->needs_checkpoint()) continue;
    if (!done) done = entry->directory->checkpoint_journal();
    entry->job->note_checkpoint(*done);
  }
}

void Overwriter::flush_each(std::span<BatchEntry*> entries) {
  for (BatchEntry* entry : entries) entry->job->settle(entry->job->flush(bench_.stop));
}

/// What a failed flush made unknown again, told as bad extents; returns how many bytes that are.
std::uint64_t Overwriter::report_lost(std::span<BatchEntry> batch, const Sweep& about) {
  std::uint64_t lost = 0;
  for (BatchEntry& entry : batch) {
    if (!entry.job->to_be_written()) continue;
    for (const Extent& extent : entry.job->unsettled()) {
      lost += extent.length;
      bench_.events.on(BadExtentFound{about, entry.job->path(), extent, ExtentState::unknown, 0});
    }
  }
  return lost;
}

}  // namespace quietus
