// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressLine: turns one target's progress events into a line now and then: pass, percent, rate,
// time left, temperature, damage.
#include "report/progress_line.h"

#include <algorithm>
#include <cmath>

#include "quietus/text.h"

#include "report/columns.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kLongestLeft =
    std::uint64_t{365} * 86'400;  // a stalled medium has no sensible time left
constexpr double kSmoothingSeconds = 10.0;
constexpr std::size_t kMostCells = 40;
constexpr std::size_t kMostNamedCells = 20;
constexpr std::size_t kLeastNamedCells = 5;

double seconds_between(std::uint64_t from_us, std::uint64_t to_us) {
  return to_us <= from_us ? 0.0
                          : static_cast<double>(to_us - from_us) / static_cast<double>(kSecond);
}

unsigned percent_of(std::uint64_t done, std::uint64_t total) {
  if (done == total) return 100;
  const double share = static_cast<double>(done) / static_cast<double>(total);
  return std::min(static_cast<unsigned>(share * 100.0), 99U);  // rounding must not say 100 early
}

std::string cells_of(std::size_t cells, unsigned percent) {
  const std::size_t full = cells * percent / 100;
  return "[" + std::string(full, '#') + std::string(cells - full, '.') + "] ";
}

std::string rate_text(const ProgressFigures& figures) {
  std::string text = "  " + human_bytes(figures.bytes_per_second) + "/s";
  if (figures.seconds_left) text += "  " + duration_text(*figures.seconds_left) + " left";
  if (figures.temperature_millicelsius) {
    text += "  " + std::to_string(*figures.temperature_millicelsius / 1000) + " C";
  }
  if (figures.bad_extents > 0) text += "  " + bad_extents_text(figures.bad_extents);
  return text;
}

}  // namespace

void ProgressMeter::start(const PassStarted& event) {
  started_us_ = clock_();
  shown_us_ = started_us_;
  sweep_ = event.sweep;
  done_bytes_ = 0;
  total_bytes_ = event.total_bytes;
  smoothed_ = 0.0;
  smoothed_us_ = started_us_;
  smoothed_done_ = 0;
}

void ProgressMeter::note(const Progress& event) {
  const std::uint64_t now = clock_();
  sweep_ = event.sweep;
  total_bytes_ = event.total_bytes;
  done_bytes_ = std::min(event.done_bytes, event.total_bytes);
  if (seconds_between(smoothed_us_, now) < 1.0) return;
  smoothed_ = recent_rate(now);
  smoothed_us_ = now;
  smoothed_done_ = done_bytes_;
}

void ProgressMeter::note(const BadExtentFound& event) {
  if (bad_extents_.size() >= kMostBadExtents) return;  // a dying drive must not eat the memory
  bad_extents_.emplace(event.path, event.extent.offset);
}

void ProgressMeter::note(const ConditionSeen& event) {
  temperature_millicelsius_ = event.temperature_millicelsius;
}

/// Exponentially smoothed; in the beginning, where there is little to smooth, the average.
double ProgressMeter::recent_rate(std::uint64_t now_us) const {
  const double passed = seconds_between(smoothed_us_, now_us);
  if (passed <= 0.0) return smoothed_;
  const std::uint64_t bytes = done_bytes_ - std::min(done_bytes_, smoothed_done_);
  const double rate = static_cast<double>(bytes) / passed;
  const double weight = std::max(1.0 - std::exp(-passed / kSmoothingSeconds),
                                 passed / seconds_between(started_us_, now_us));
  return smoothed_ + weight * (rate - smoothed_);
}

std::optional<ProgressFigures> ProgressMeter::update(const Progress& event) {
  note(event);
  const std::uint64_t now = clock_();
  if (now - shown_us_ < interval_us_) return std::nullopt;
  shown_us_ = now;
  return figures();
}

ProgressFigures ProgressMeter::figures() const {
  const std::uint64_t now = clock_();
  ProgressFigures figures;
  figures.sweep = sweep_;
  figures.done_bytes = done_bytes_;
  figures.total_bytes = total_bytes_;
  figures.percent = percent_of(done_bytes_, total_bytes_);
  const double seconds = seconds_between(started_us_, now);
  if (seconds > 0.0) {
    figures.bytes_per_second =
        static_cast<std::uint64_t>(static_cast<double>(done_bytes_) / seconds);
  }
  const double rate = recent_rate(now);
  const auto left = static_cast<double>(total_bytes_ - done_bytes_);
  if (rate >= 1.0 && left / rate < static_cast<double>(kLongestLeft)) {
    figures.seconds_left = static_cast<std::uint64_t>(left / rate);
  }
  figures.temperature_millicelsius = temperature_millicelsius_;
  figures.bad_extents = bad_extents_.size();
  return figures;
}

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

std::string bad_extents_text(std::uint64_t count) {
  if (count == 0) return {};
  return std::to_string(count) + (count >= kMostBadExtents ? "+ bad" : " bad");
}

std::string line_of(const ProgressFigures& figures) {
  return "pass " + std::to_string(figures.sweep.pass) + " of " +
         std::to_string(figures.sweep.passes) + ", " + std::string(name_of(figures.sweep.kind)) +
         ": " + std::to_string(figures.percent) + " %" + rate_text(figures);
}

std::string bar_of(const ProgressFigures& figures, unsigned width) {
  const std::string text = line_of(figures);
  const std::size_t columns = width > 1 ? width - 1 : 1;
  if (columns < text.size() + 14) return text.substr(0, columns);
  return cells_of(std::min(columns - text.size() - 4, kMostCells), figures.percent) + text;
}

std::string named_bar_of(const ProgressFigures& figures, std::size_t name_columns, unsigned width) {
  const std::size_t columns = width > 1 ? width - 1 : 1;
  std::string line =
      filled(shortened_in_front(escaped(figures.sweep.target), name_columns), name_columns) + " ";
  const std::string text =
      std::to_string(figures.sweep.pass) + "/" + std::to_string(figures.sweep.passes) + " " +
      filled(std::string(name_of(figures.sweep.kind)), 6) + " " +
      filled_in_front(std::to_string(figures.percent), 3) + " %" + rate_text(figures);
  const std::size_t taken = name_columns + 1 + text.size() + 3;
  if (columns >= taken + kLeastNamedCells) {
    line += cells_of(std::min(columns - taken, kMostNamedCells), figures.percent);
  }
  return cut_to(line + text, columns);
}

}  // namespace quietus
