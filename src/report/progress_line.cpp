// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressLine: turns progress events into a line now and then: pass, percent, rate, time left.
#include "report/progress_line.h"

#include <algorithm>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kLongestLeft =
    std::uint64_t{365} * 86'400;  // a stalled medium has no sensible time left

}  // namespace

void ProgressMeter::start(const PassStarted&) {
  started_us_ = clock_();
  shown_us_ = started_us_;
}

std::optional<ProgressFigures> ProgressMeter::update(const Progress& event) {
  const std::uint64_t now = clock_();
  if (now - shown_us_ < interval_us_) return std::nullopt;
  shown_us_ = now;
  ProgressFigures figures;
  figures.sweep = event.sweep;
  const std::uint64_t done = std::min(event.done_bytes, event.total_bytes);
  const double share = event.total_bytes == 0
                           ? 1.0
                           : static_cast<double>(done) / static_cast<double>(event.total_bytes);
  const unsigned floor = std::min(static_cast<unsigned>(share * 100.0), 99U);
  figures.percent = done == event.total_bytes ? 100 : floor;  // rounding must not say it early
  const double seconds = static_cast<double>(now - started_us_) / static_cast<double>(kSecond);
  const double rate = seconds > 0.0 ? static_cast<double>(done) / seconds : 0.0;
  figures.bytes_per_second = static_cast<std::uint64_t>(rate);
  if (rate >= 1.0) {
    const double left = static_cast<double>(event.total_bytes - done) / rate;
    if (left < static_cast<double>(kLongestLeft)) {
      figures.seconds_left = static_cast<std::uint64_t>(left);
    }
  }
  return figures;
}

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) {
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  }
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds % 3600 / 60) + " min";
}

std::string line_of(const ProgressFigures& figures) {
  std::string line =
      "pass " + std::to_string(figures.sweep.pass) + " of " + std::to_string(figures.sweep.passes) +
      ", " + std::string(name_of(figures.sweep.kind)) + ": " + std::to_string(figures.percent) +
      " %  " + human_bytes(figures.bytes_per_second) + "/s";
  if (figures.seconds_left) line += "  " + duration_text(*figures.seconds_left) + " left";
  return line;
}

std::string bar_of(const ProgressFigures& figures, unsigned width) {
  const std::string text = line_of(figures);
  const std::size_t columns = width > 1 ? width - 1 : 1;
  if (columns < text.size() + 14) return text.substr(0, columns);
  const std::size_t cells = std::min<std::size_t>(columns - text.size() - 4, 40);
  const std::size_t full = cells * figures.percent / 100;
  return "[" + std::string(full, '#') + std::string(cells - full, '.') + "] " + text;
}

}  // namespace quietus
