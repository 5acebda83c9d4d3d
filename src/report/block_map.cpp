// SPDX-License-Identifier: GPL-3.0-or-later
// Draws the medium. Claims no more than the record: where it does not tell what became of a place,
// the place is shown as not told.
#include "report/block_map.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "quietus/text.h"

#include "report/form_document.h"

namespace quietus::report {
namespace {

constexpr std::uint64_t kCells = 320;
constexpr std::uint64_t kColumns = 40;
constexpr unsigned kCell = 16;  // units of the drawing
constexpr std::size_t kStates = 8;

struct StateRow {
  std::string_view name;  ///< in certificates; empty: never listed there
  std::string_view title;
  std::string_view hatch;  ///< SVG of an 8 by 8 tile
};

constexpr std::array<StateRow, kStates> kRows{{
    {"", "written, read back and equal",
     "<rect width='8' height='8' fill='#fff'/>"
     "<circle cx='4' cy='4' r='1' fill='#000'/>"},
    {"", "written, not read back",
     "<rect width='8' height='8' fill='#fff'/>"
     "<path d='M0 8L8 0' stroke='#000' stroke-width='1'/>"},
    {"", "not told by the record", "<rect width='8' height='8' fill='#ddd'/>"},
    {"unknown", "unknown",
     "<rect width='8' height='8' fill='#fff'/>"
     "<path d='M4 0V8' stroke='#000' stroke-width='1' stroke-dasharray='2 2'/>"},
    {"untouched", "not touched", "<rect width='8' height='8' fill='#fff'/>"},
    {"read_failed", "could not be read",
     "<rect width='8' height='8' fill='#fff'/>"
     "<path d='M0 2H8M0 6H8' stroke='#000' stroke-width='2'/>"},
    {"mismatch", "read back and different",
     "<rect width='8' height='8' fill='#fff'/>"
     "<path d='M0 0L8 8M0 8L8 0' stroke='#000' stroke-width='2'/>"},
    {"write_failed", "could not be written", "<rect width='8' height='8' fill='#000'/>"},
}};

const StateRow& row_of_state(BlockState state) { return kRows.at(static_cast<std::size_t>(state)); }

BlockState state_named(const std::string& name) {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (!name.empty() && kRows.at(i).name == name) return static_cast<BlockState>(i);
  }
  return BlockState::unknown;
}

/// What the record says of all that it does not list.
BlockState ground_of(const FormJson& json, const std::string& result) {
  const std::size_t passes = json.count("/predicate/run/passes");
  const std::uint64_t size = json.number_or_0(result + "/bytes");
  const bool whole = size > 0 && json.number_or_0(result + "/content_bytes") == size;
  const bool all_listed = json.number("/predicate/exceptions_not_listed/count") == std::uint64_t{0};
  if (passes == 0 || !whole || !all_listed) return BlockState::untold;
  const std::string last = "/predicate/run/passes/" + std::to_string(passes - 1);
  const auto number = json.number(last + "/number");
  const std::uint64_t written = json.number_or_0(last + "/written_bytes");
  const std::uint64_t tried = written + json.number_or_0(last + "/failed_bytes") +
                              json.number_or_0(last + "/unknown_bytes");
  if (number != json.number("/predicate/run/passes_planned") || tried < size) {
    return BlockState::untold;
  }
  const std::uint64_t seen = json.number_or_0(last + "/verification/compared_bytes") +
                             json.number_or_0(last + "/verification/unreadable_bytes");
  const bool direct = json.text_or_empty("/predicate/verification/cache_bypass") == "direct_io";
  return direct && seen >= written ? BlockState::verified : BlockState::written;
}

struct Piece {
  std::uint64_t offset;
  std::uint64_t length;
  BlockState state;
};

std::vector<Piece> listed_pieces(const FormJson& json, std::uint64_t size) {
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < json.count("/predicate/exceptions"); ++i) {
    const std::string place = "/predicate/exceptions/" + std::to_string(i);
    const std::uint64_t offset = json.number_or_0(place + "/offset_bytes");
    const std::uint64_t length = json.number_or_0(place + "/length_bytes");
    if (offset >= size || length == 0) continue;
    pieces.push_back({offset, std::min(length, size - offset),
                      state_named(json.text_or_empty(place + "/state"))});
  }
  return pieces;
}

void put(BlockMap& map, const Piece& piece) {
  const std::uint64_t last = (piece.offset + piece.length - 1) / map.cell_bytes;
  for (std::uint64_t i = piece.offset / map.cell_bytes; i <= last; ++i) {
    BlockState& cell = map.cells.at(static_cast<std::size_t>(i));
    cell = std::max(cell, piece.state);
  }
  map.bytes_by_state.at(static_cast<std::size_t>(piece.state)) += piece.length;
}

/// Each state in use, its hatching and its name.
std::string legend_of(const BlockMap& map, std::uint64_t top) {
  std::string out;
  for (std::size_t i = 0; i < kStates; ++i) {
    if (map.bytes_by_state.at(i) == 0) continue;
    out += "<rect x='0' y='" + std::to_string(top) + "' width='24' height='16' fill='url(#hatch-" +
           std::to_string(i) + ")' stroke='#000'/><text x='32' y='" + std::to_string(top + 13) +
           "' font-size='14' font-family='sans-serif'>" + std::string(kRows.at(i).title) +
           "</text>";
    top += 24;
  }
  return out;
}

std::uint64_t states_in_use(const BlockMap& map) {
  return static_cast<std::uint64_t>(std::count_if(map.bytes_by_state.begin(),
                                                  map.bytes_by_state.end(),
                                                  [](std::uint64_t bytes) { return bytes > 0; }));
}

std::string cells_of(const BlockMap& map) {
  std::string out;
  for (std::size_t i = 0; i < map.cells.size(); ++i) {
    out += "<rect x='" + std::to_string(i % kColumns * kCell) + "' y='" +
           std::to_string(i / kColumns * kCell) + "' width='16' height='16' fill='url(#hatch-" +
           std::to_string(static_cast<std::size_t>(map.cells[i])) + ")' stroke='#000'/>";
  }
  return out;
}

std::string hatches() {
  std::string out = "<defs>";
  for (std::size_t i = 0; i < kStates; ++i) {
    out += "<pattern id='hatch-" + std::to_string(i) +
           "' width='8' height='8' patternUnits='userSpaceOnUse'>" +
           std::string(kRows.at(i).hatch) + "</pattern>";
  }
  return out + "</defs>";
}

}  // namespace

std::string_view title_of(BlockState state) { return row_of_state(state).title; }

BlockMap block_map_of(const FormJson& json) {
  BlockMap map;
  const std::string result = "/predicate/" + json.text_or_empty("/predicate/target");
  if (result != "/predicate/drive" && result != "/predicate/image") return map;
  // A drive that did it by itself tells of no places.
  const bool no_places =
      json.count("/predicate/run/passes") == 0 && json.count("/predicate/exceptions") == 0;
  if (json.has("/predicate/firmware") && no_places) return map;
  map.size_bytes = json.number_or_0(result + "/bytes");
  if (map.size_bytes == 0) return map;
  map.cell_bytes = (map.size_bytes - 1) / kCells + 1;
  const BlockState ground = ground_of(json, result);
  map.cells.assign(static_cast<std::size_t>((map.size_bytes - 1) / map.cell_bytes + 1), ground);
  map.bytes_by_state.assign(kStates, 0);
  for (const Piece& piece : listed_pieces(json, map.size_bytes)) put(map, piece);
  const std::uint64_t listed =
      std::accumulate(map.bytes_by_state.begin(), map.bytes_by_state.end(), std::uint64_t{0});
  map.bytes_by_state.at(static_cast<std::size_t>(ground)) +=
      map.size_bytes - std::min(listed, map.size_bytes);
  return map;
}

std::string description_of(const BlockMap& map) {
  std::string out = "The medium of " + exact_bytes(map.size_bytes) + " in " +
                    std::to_string(map.cells.size()) + " cells of " + exact_bytes(map.cell_bytes) +
                    ", row by row from its first byte. Each cell shows the worst state in it.";
  for (std::size_t i = 0; i < map.bytes_by_state.size(); ++i) {
    if (map.bytes_by_state[i] == 0) continue;
    out += " " + exact_bytes(map.bytes_by_state[i]) + ": " + std::string(kRows.at(i).title) + ".";
  }
  return out;
}

std::string svg_of(const BlockMap& map) {
  const std::uint64_t rows = (map.cells.size() + kColumns - 1) / kColumns;
  const std::uint64_t top = rows * kCell + 16;
  const std::string height = std::to_string(top + states_in_use(map) * 24);
  return "<svg class='map' role='img' aria-labelledby='map-title map-text' viewBox='-1 -1 642 " +
         height + "'><title id='map-title'>Block map of the medium</title><desc id='map-text'>" +
         description_of(map) + "</desc>" + hatches() + cells_of(map) + legend_of(map, top) +
         "</svg>\n";
}

}  // namespace quietus::report
