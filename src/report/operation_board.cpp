// SPDX-License-Identifier: GPL-3.0-or-later
// OperationBoard: the drives that are busy with an operation of their own, and what each last said.
#include "report/operation_board.h"

#include <algorithm>

#include "quietus/text.h"

#include "report/columns.h"
#include "report/progress_line.h"

namespace quietus {
namespace {

constexpr std::uint32_t kPpmPerPercent = 10'000;
constexpr std::size_t kMostCells = 30;
constexpr std::size_t kMostName = 20;

std::string words(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return escaped(name);
}

/// Rounding must not say 100 early.
unsigned percent_of(std::uint32_t ppm) { return std::min(ppm / kPpmPerPercent, 100U); }

std::size_t columns_for(unsigned width) { return width > 1 ? width - 1 : 1; }

std::string named_line_of(const OperationSeen& event, unsigned width) {
  return cut_to(shortened_in_front(escaped(event.target), kMostName) + "  " + line_of(event),
                columns_for(width));
}

}  // namespace

std::size_t OperationBoard::place_of(const std::string& target) const {
  const auto found = std::find_if(said_.begin(), said_.end(),
                                  [&](const OperationSeen& one) { return one.target == target; });
  return static_cast<std::size_t>(found - said_.begin());
}

bool OperationBoard::note(const OperationSeen& event) {
  const std::uint64_t now = clock_();
  const std::size_t place = place_of(event.target);
  if (place == said_.size()) {
    said_.push_back(event);
    shown_us_.push_back(now);
    return true;
  }
  const OperationSeen before = std::exchange(said_[place], event);
  const bool news = before.state != event.state || before.stalled != event.stalled;
  if (!news && now - shown_us_[place] < interval_us_) return false;
  shown_us_[place] = now;
  return true;
}

void OperationBoard::remove(const std::string& target) {
  const std::size_t place = place_of(target);
  if (place == said_.size()) return;
  said_.erase(said_.begin() + static_cast<std::ptrdiff_t>(place));
  shown_us_.erase(shown_us_.begin() + static_cast<std::ptrdiff_t>(place));
}

std::string line_of(const OperationSeen& event) {
  std::string line = words(event.method) + ": ";
  line += event.stalled ? "still running, without progress for long" : words(event.state);
  if (event.progress_ppm) line += ", " + std::to_string(percent_of(*event.progress_ppm)) + " %";
  if (event.remaining_s) {
    line += ", " + duration_text(*event.remaining_s) + " left by the drive's own estimate";
  }
  return event.text.empty() ? line : line + "; " + escaped(event.text);
}

std::string bar_of(const OperationSeen& event, unsigned width) {
  const std::string text = line_of(event);
  const std::size_t columns = columns_for(width);
  if (!event.progress_ppm || columns < columns_of(text) + 14) return cut_to(text, columns);
  const std::size_t cells = std::min(columns - columns_of(text) - 4, kMostCells);
  const std::size_t full = cells * percent_of(*event.progress_ppm) / 100;
  return "[" + std::string(full, '#') + std::string(cells - full, '.') + "] " + text;
}

std::vector<std::string> block_of(const std::vector<OperationSeen>& all, bool others,
                                  unsigned width, unsigned height) {
  if (all.size() == 1 && !others) return {bar_of(all.front(), width)};
  std::vector<std::string> lines;
  for (const OperationSeen& one : all) {
    if (lines.size() < height) lines.push_back(named_line_of(one, width));
  }
  return lines;
}

}  // namespace quietus
