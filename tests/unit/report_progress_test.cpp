// SPDX-License-Identifier: GPL-3.0-or-later
// Progress as it is shown: never over 100 percent, never an endless time left, never wider than the
// terminal, and rarely; of several targets, a line each, redrawn in place.
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <map>
#include <sstream>

#include "report/columns.h"
#include "report/progress_board.h"
#include "report/progress_line.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

struct MeterWorld {
  std::uint64_t now_us = 0;
  ProgressMeter meter{[this] { return now_us; }, kSecond};

  std::optional<ProgressFigures> at(std::uint64_t us, std::uint64_t done, std::uint64_t total) {
    now_us = us;
    return meter.update({{"/d/f", 2, 3, SweepKind::write}, done, total});
  }
};

TEST_CASE("defect 22: progress is never over 100 percent and says 100 at the end only") {
  MeterWorld world;
  world.meter.start({});
  std::uint64_t us = 0;
  struct Row {
    std::uint64_t done;
    std::uint64_t total;
    unsigned percent;
  };
  constexpr std::uint64_t kHuge = std::uint64_t{1} << 62U;
  for (const Row& row : {Row{0, 1000, 0}, Row{9, 1000, 0}, Row{10, 1000, 1}, Row{999, 1000, 99},
                         Row{1000, 1000, 100}, Row{5000, 1000, 100}, Row{0, 0, 100}, Row{7, 0, 100},
                         Row{kHuge - 1, kHuge, 99}, Row{kHuge, kHuge, 100}}) {
    CAPTURE(row.done);
    CAPTURE(row.total);
    const auto figures = world.at(us += kSecond, row.done, row.total);
    REQUIRE(figures.has_value());
    CHECK(figures->percent == row.percent);
  }
}

TEST_CASE("defect 22: with a stalled disk the time left is finite or not told") {
  MeterWorld world;
  world.meter.start({});
  CHECK_FALSE(world.at(kSecond, 0, 1 << 30)->seconds_left.has_value());
  const auto normal = world.at(2 * kSecond, 1 << 20, 1 << 30);
  REQUIRE(normal->seconds_left.has_value());
  CHECK(*normal->seconds_left == 2 * 1023);
  for (std::uint64_t hours = 1; hours < 100'000; hours *= 3) {
    const auto stalled = world.at(hours * 3600 * kSecond, 1 << 20, 1 << 30);
    if (stalled->seconds_left) CHECK(*stalled->seconds_left <= 365 * 86'400);
    CHECK(line_of(*stalled).find("inf") == std::string::npos);
    CHECK(line_of(*stalled).find("nan") == std::string::npos);
  }
}

TEST_CASE("a clock that stands still ends nothing") {
  MeterWorld world;
  world.meter.start({});
  CHECK_FALSE(world.at(0, 10, 100).has_value());
  world.now_us = 5;
  ProgressMeter eager([&] { return world.now_us; }, 0);
  eager.start({});
  const auto figures = eager.update({{}, 10, 100});
  REQUIRE(figures.has_value());
  CHECK(figures->bytes_per_second == 0);
  CHECK_FALSE(figures->seconds_left.has_value());
}

TEST_CASE("figures come at most once in the interval") {
  MeterWorld world;
  world.meter.start({});
  int shown = 0;
  for (std::uint64_t us = 0; us <= 10 * kSecond; us += kSecond / 100) {
    if (world.at(us, us, 10 * kSecond)) ++shown;
  }
  CHECK(shown == 10);
}

TEST_CASE("the bar is never wider than the terminal, and never has more cells full than it has") {
  ProgressFigures figures;
  figures.sweep = {"/d/f", 2, 3, SweepKind::verify};
  figures.bytes_per_second = std::uint64_t{3} << 30U;
  figures.seconds_left = 86'400 * 30;
  for (unsigned percent = 0; percent <= 100; percent += 10) {
    figures.percent = percent;
    for (unsigned width = 0; width <= 200; ++width) {
      const std::string bar = bar_of(figures, width);
      CHECK(bar.size() <= std::max(width, 2U));
      if (width > 1) CHECK(bar.size() < width);
    }
    CHECK(bar_of(figures, 200).starts_with("["));
  }
  CHECK(bar_of(figures, 40) == line_of(figures).substr(0, 39));
  CHECK(bar_of(figures, 200).find('.') > bar_of(figures, 200).find(']'));
}

TEST_CASE("durations are short words") {
  CHECK(duration_text(0) == "0 s");
  CHECK(duration_text(59) == "59 s");
  CHECK(duration_text(65) == "1 min 5 s");
  CHECK(duration_text(3600) == "1 h 0 min");
  CHECK(duration_text(100'000) == "27 h 46 min");
}

TEST_CASE("the time left follows the rate of late, the rate told is the average") {
  MeterWorld world;
  world.meter.start({});
  constexpr std::uint64_t kTotal = std::uint64_t{1} << 40U;
  std::uint64_t done = 0;
  std::uint64_t us = 0;
  std::optional<ProgressFigures> figures;
  for (int i = 0; i < 100; ++i) figures = world.at(us += kSecond, done += 100 << 20, kTotal);
  CHECK(figures->bytes_per_second == 100 << 20);
  CHECK(*figures->seconds_left == (kTotal - done) / (100 << 20));
  // Ten times slower from here on: after half a minute the time left says so, the average not yet.
  for (int i = 0; i < 30; ++i) figures = world.at(us += kSecond, done += 10U << 20U, kTotal);
  CHECK(figures->bytes_per_second > 70 << 20);
  const double slow = static_cast<double>(kTotal - done) / (10 << 20);
  CHECK(static_cast<double>(*figures->seconds_left) > 0.6 * slow);
  CHECK(static_cast<double>(*figures->seconds_left) <= slow);
}

TEST_CASE("temperature and damage stand at the end of the line, each place once") {
  MeterWorld world;
  world.meter.start({});
  CHECK(line_of(*world.at(kSecond, 1 << 20, 2 << 20)) ==
        "pass 2 of 3, write: 50 %  1 MiB/s  1 s left");
  world.meter.note(ConditionSeen{{}, 7, 41'900});
  for (const std::uint64_t offset : {0U, 512U, 0U}) {
    world.meter.note(BadExtentFound{{}, "/d/f", {offset, 512}, ExtentState::write_failed, 5});
  }
  CHECK(line_of(*world.at(2 * kSecond, 2 << 20, 2 << 20)) ==
        "pass 2 of 3, write: 100 %  1 MiB/s  0 s left  41 C  2 bad");
  world.meter.note(ConditionSeen{{}, 7, std::nullopt});
  CHECK(line_of(*world.at(3 * kSecond, 2 << 20, 2 << 20)).find(" C") == std::string::npos);
  for (std::uint64_t i = 0; i < 2 * kMostBadExtents; ++i) {
    world.meter.note(BadExtentFound{{}, "/d/f", {i * 512, 512}, ExtentState::mismatch, 0});
  }
  CHECK(line_of(world.meter.figures()).ends_with("  1000+ bad"));
}

struct BoardWorld {
  std::uint64_t now_us = 0;
  ProgressBoard board{[this] { return now_us; }, 30 * kSecond};

  void start(const std::string& target, std::uint64_t total) {
    board.start({{target, 1, 3, SweepKind::write}, total});
  }
  std::optional<ProgressFigures> at(const std::string& target, std::uint64_t us,
                                    std::uint64_t done) {
    now_us = us;
    const Sweep sweep{target, 1, 3, SweepKind::write};
    return board.meter_of(sweep).update({sweep, done, 100 << 20});
  }
};

TEST_CASE("interleaved targets are followed apart, each with an interval of its own") {
  BoardWorld world;
  world.start("/dev/a", 100 << 20);
  world.now_us = 20 * kSecond;
  world.start("/dev/b", 100 << 20);
  CHECK_FALSE(world.at("/dev/a", 29 * kSecond, 29 << 20).has_value());
  const auto a = world.at("/dev/a", 30 * kSecond, 30 << 20);
  REQUIRE(a.has_value());
  CHECK(a->bytes_per_second == 1 << 20);
  CHECK(a->percent == 30);
  CHECK_FALSE(world.at("/dev/b", 40 * kSecond, 40 << 20).has_value());
  const auto b = world.at("/dev/b", 50 * kSecond, 60 << 20);
  REQUIRE(b.has_value());
  CHECK(b->bytes_per_second == 2 << 20);
  CHECK(world.board.figures().size() == 2);
  world.board.remove("/dev/a");
  REQUIRE(world.board.figures().size() == 1);
  CHECK(world.board.figures().front().sweep.target == "/dev/b");
  // What comes late of a target that is over does not bring it back.
  world.board.note(BadExtentFound{{"/dev/a", 1, 3, SweepKind::write}, "/dev/a", {0, 512}});
  world.board.note(ConditionSeen{{"/dev/a", 1, 3, SweepKind::write}, 1, 1});
  CHECK(world.board.size() == 1);
}

std::vector<ProgressFigures> drives(std::size_t count) {
  std::vector<ProgressFigures> all(count);
  for (std::size_t i = 0; i < count; ++i) {
    all[i].sweep = {"/dev/sd" + std::string(1, static_cast<char>('a' + i)), 2, 3,
                    SweepKind::verify};
    all[i].percent = static_cast<unsigned>(i);
    all[i].done_bytes = i << 30U;
    all[i].total_bytes = std::uint64_t{100} << 30U;
    all[i].bytes_per_second = std::uint64_t{100} << 20U;
    all[i].seconds_left = 3600 + i;
    all[i].temperature_millicelsius = 40'000;
    all[i].bad_extents = i;
  }
  return all;
}

TEST_CASE("one target is a bar, several are a line each and their totals") {
  CHECK(block_of({}, 80, 24).empty());
  CHECK(block_of(drives(1), 80, 24) == std::vector<std::string>{bar_of(drives(1).front(), 80)});
  const auto lines = block_of(drives(3), 100, 24);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].starts_with("/dev/sda [...."));
  CHECK(lines[2].ends_with("] 2/3 verify   2 %  100 MiB/s  1 h 0 min left  40 C  2 bad"));
  CHECK(lines[3] == "3 under way: 300 MiB/s  3 GiB of 300 GiB of their passes  3 bad");
}

TEST_CASE("the lines of several targets fit the terminal, whatever its size") {
  auto all = drives(20);
  all[3].sweep.target = "/dev/disk/by-id/ata-\xe6\xbc\xa2\xe5\xad\x97_\x1b[2J_a-long-name";
  for (unsigned width = 0; width < 160; ++width) {
    for (const unsigned height : {0U, 5U, 24U, 50U}) {
      const auto lines = block_of(all, width, height);
      CHECK(lines.size() < std::max(height, 4U));
      for (const std::string& line : lines) {
        CHECK(columns_of(line) <= (width > 1 ? width - 1 : 1));
        CHECK(line.find('\x1b') == std::string::npos);
      }
    }
  }
  CHECK(block_of(all, 80, 12).back().starts_with("20 under way, 10 shown: "));
  CHECK(block_of(all, 80, 24).size() == 21);
}

/// A terminal: what stands in its lines after the escape sequences that LiveBlock uses.
class Screen {
 public:
  void feed(const std::string& text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '\x1b') {
        at = command(text, at + 2);
      } else if (text[at] == '\n') {
        ++row_;
        column_ = 0;
      } else if (text[at] == '\r') {
        column_ = 0;
      } else {
        std::string& line = lines_[row_];
        line.resize(std::max(line.size(), column_ + 1), ' ');
        line[column_++] = text[at];
      }
    }
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& [row, line] : lines_) {
      if (!line.empty()) all.push_back(line);
    }
    return all;
  }

 private:
  std::size_t command(const std::string& text, std::size_t at) {
    std::size_t count = 0;
    while (text[at] >= '0' && text[at] <= '9') {
      count = count * 10 + static_cast<std::size_t>(text[at++] - '0');
    }
    if (text[at] == 'A') row_ -= count;
    if (text[at] == 'K' || text[at] == 'J') lines_[row_].resize(column_);
    if (text[at] == 'J') lines_.erase(lines_.upper_bound(row_), lines_.end());
    return at;
  }
  std::map<std::size_t, std::string> lines_;
  std::size_t row_ = 0;
  std::size_t column_ = 0;
};

TEST_CASE("a block is redrawn in place, shrinks, grows and leaves nothing behind") {
  std::ostringstream out;
  LiveBlock block(out);
  Screen screen;
  using Lines = std::vector<std::string>;
  const auto shown = [&] {
    screen.feed(out.str());
    out.str("");
    return screen.lines();
  };
  out << "above\n";
  block.draw({"one", "two", "three"});
  CHECK(shown() == Lines{"above", "one", "two", "three"});
  block.draw({"1", "2", "3"});
  CHECK(shown() == Lines{"above", "1", "2", "3"});
  block.draw({"a", "b"});
  CHECK(shown() == Lines{"above", "a", "b"});
  block.draw({"single"});
  CHECK(shown() == Lines{"above", "single"});
  block.draw({"x", "y", "z", "t"});
  CHECK(shown() == Lines{"above", "x", "y", "z", "t"});
  block.clear();
  CHECK(shown() == Lines{"above"});
  out << "warning\n";
  block.draw({"again", "twice"});
  CHECK(shown() == Lines{"above", "warning", "again", "twice"});
  block.draw({});
  block.clear();
  CHECK(shown() == Lines{"above", "warning"});
}

}  // namespace
}  // namespace quietus
