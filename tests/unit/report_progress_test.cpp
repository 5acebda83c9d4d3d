// SPDX-License-Identifier: GPL-3.0-or-later
// Progress as it is shown: never over 100 percent, never an endless time left, never wider than the
// terminal, and rarely.
#include <doctest/doctest.h>

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

}  // namespace
}  // namespace quietus
