// SPDX-License-Identifier: GPL-3.0-or-later
// Overwrite: carries a batch of files, or one image, through all passes: write all, make durable,
// read back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "quietus/fill.h"

#include "engine/file_job.h"

namespace quietus {

/// A file on its way, and where its name is.
struct BatchEntry {
  std::unique_ptr<FileJob> job;
  std::unique_ptr<Directory> own_directory;  ///< of what the user named; else null
  Directory* directory = nullptr;            ///< outlives the batch
  std::string name;
};

/// What is overwritten, for events, and by which rules.
struct OverwriteTask {
  std::string title;
  const Rules& rules;
};

/// How a job's part of a sweep is done.
struct JobPart {
  bool small = false;                ///< one of many: it takes no workers of its own
  const ReadAhead* ahead = nullptr;  ///< what was read of it already
};
using JobSweep = std::function<void(FileJob&, const JobPart&, const PieceDone&)>;
/// Jobs that one worker does, one after the other.
using JobGroup = std::vector<BatchEntry*>;

/// Runs the passes over batches and sums up their evidence.
class Overwriter {
 public:
  /// All arguments outlive the object.
  Overwriter(OverwriteTask task, const std::vector<PassContent>& passes, Evidence& evidence,
             Workbench& bench)
      : task_(std::move(task)), passes_(passes), evidence_(evidence), bench_(bench) {}

  /// After this, each job's outcome is final. Names are not touched.
  void run(std::span<BatchEntry> batch);

 private:
  void run_pass(std::span<BatchEntry> batch, std::uint32_t number);
  void write(std::span<BatchEntry> batch, std::uint32_t number);
  void flush(std::span<BatchEntry> batch);
  void flush_together(std::span<BatchEntry*> entries);
  void flush_each(std::span<BatchEntry*> entries);
  void checkpoint(std::span<BatchEntry*> entries);
  [[nodiscard]] std::uint64_t report_lost(std::span<BatchEntry> batch, const Sweep& about);
  void verify(std::span<BatchEntry> batch, std::uint32_t number);
  void sweep(std::span<BatchEntry> batch, std::uint32_t number, SweepKind kind,
             const JobSweep& each);
  void sweep_jobs(std::span<BatchEntry> batch, SweepKind kind,
                  const std::function<void(BatchEntry&, const JobPart&)>& one);
  [[nodiscard]] bool reads_back(std::uint32_t number) const;
  [[nodiscard]] PassEvidence& evidence_of(std::uint32_t number);

  OverwriteTask task_;
  std::uint64_t batch_ = 0;
  const std::vector<PassContent>& passes_;
  Evidence& evidence_;
  Workbench& bench_;
};

}  // namespace quietus
