// SPDX-License-Identifier: GPL-3.0-or-later
// ProgressBoard: every target under way and where it stands, and the lines that are redrawn in
// place at the bottom of a terminal.
#include "report/progress_board.h"

#include <algorithm>
#include <ostream>

#include "quietus/text.h"

#include "report/columns.h"

namespace quietus {
namespace {

constexpr std::size_t kLeastName = 8;

std::size_t name_columns_for(const std::vector<ProgressFigures>& all, unsigned width) {
  std::size_t most = 0;
  for (const ProgressFigures& one : all) {
    most = std::max(most, columns_of(escaped(one.sweep.target)));
  }
  return std::min(most, std::max<std::size_t>(kLeastName, width / 4));
}

std::string totals_of(const std::vector<ProgressFigures>& all, std::size_t shown) {
  std::uint64_t rate = 0;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::uint64_t bad = 0;
  for (const ProgressFigures& one : all) {
    rate += one.bytes_per_second;
    done += one.done_bytes;
    total += one.total_bytes;
    bad += one.bad_extents;
  }
  std::string line = std::to_string(all.size()) + " under way";
  if (shown < all.size()) line += ", " + std::to_string(shown) + " shown";
  line += ": " + human_bytes(rate) + "/s  " + human_bytes(done) + " of " + human_bytes(total) +
          " of their passes";
  if (bad > 0) line += "  " + bad_extents_text(bad);
  return line;
}

std::string up(std::size_t lines) {
  return lines == 0 ? "" : "\x1b[" + std::to_string(lines) + "A";
}

}  // namespace

ProgressMeter* ProgressBoard::find(const std::string& target) {
  const auto found = std::find_if(meters_.begin(), meters_.end(),
                                  [&](const auto& one) { return one.first == target; });
  return found == meters_.end() ? nullptr : &found->second;
}

ProgressMeter& ProgressBoard::meter_of(const Sweep& sweep) {
  if (ProgressMeter* meter = find(sweep.target)) return *meter;
  meters_.emplace_back(sweep.target, ProgressMeter(clock_, interval_us_));
  meters_.back().second.start({sweep, 0});
  return meters_.back().second;
}

void ProgressBoard::start(const PassStarted& event) { meter_of(event.sweep).start(event); }

void ProgressBoard::note(const BadExtentFound& event) {
  if (ProgressMeter* meter = find(event.sweep.target)) meter->note(event);
}

void ProgressBoard::note(const ConditionSeen& event) {
  if (ProgressMeter* meter = find(event.sweep.target)) meter->note(event);
}

void ProgressBoard::remove(const std::string& target) {
  const auto gone = std::remove_if(meters_.begin(), meters_.end(),
                                   [&](const auto& one) { return one.first == target; });
  meters_.erase(gone, meters_.end());
}

std::vector<ProgressFigures> ProgressBoard::figures() const {
  std::vector<ProgressFigures> all;
  for (const auto& [target, meter] : meters_) all.push_back(meter.figures());
  return all;
}

std::vector<std::string> block_of(const std::vector<ProgressFigures>& all, unsigned width,
                                  unsigned height) {
  if (all.empty()) return {};
  if (all.size() == 1) return {bar_of(all.front(), width)};
  // A block as high as the terminal would scroll it; the totals and the line above stay free.
  const std::size_t shown = std::min<std::size_t>(all.size(), height > 4 ? height - 2 : 2);
  const std::size_t name_columns = name_columns_for(all, width);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < shown; ++i) {
    lines.push_back(named_bar_of(all[i], name_columns, width));
  }
  lines.push_back(cut_to(totals_of(all, shown), width > 1 ? width - 1 : 1));
  return lines;
}

void LiveBlock::draw(const std::vector<std::string>& lines) {
  if (lines.empty()) return clear();
  std::string text = shown_ > 1 ? up(shown_ - 1) : "";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text.append(i == 0 ? "" : "\n").append("\r\x1b[K").append(lines[i]);
  }
  if (shown_ > lines.size()) text += "\x1b[J";
  out_ << text;
  out_.flush();
  shown_ = lines.size();
}

void LiveBlock::clear() {
  if (shown_ == 0) return;
  out_ << (shown_ > 1 ? up(shown_ - 1) + "\r\x1b[J" : "\r\x1b[K");
  out_.flush();
  shown_ = 0;
}

}  // namespace quietus
