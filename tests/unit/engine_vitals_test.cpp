// SPDX-License-Identifier: GPL-3.0-or-later
// Vitals: after how many failures, and after how long, a medium is probed or given up.
#include <doctest/doctest.h>
#include <future>
#include <thread>

#include "quietus/vitals.h"

#include "support/hand_clock.h"

namespace quietus::test {
namespace {

constexpr std::uint64_t kSecond = 1'000'000;

struct Patient {
  HandClock clock;
  Vitals vitals;
  explicit Patient(VitalLimits limits = {}) : vitals(clock, limits) { vitals.begin(); }

  /// So many failures, of which none has it probed.
  [[nodiscard]] bool bears(std::uint32_t failures) {
    for (std::uint32_t i = 0; i < failures; ++i) {
      if (vitals.failed()) return false;
    }
    return true;
  }
};

TEST_CASE("vitals: the 64th failure without a success between has the medium probed") {
  Patient patient;
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  CHECK(patient.vitals.failed());
  CHECK(patient.vitals.look() == Health::alive);  // nobody knows yet
}

TEST_CASE("vitals: a success in between starts the count anew") {
  Patient patient;
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  patient.vitals.succeeded(512);
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  CHECK(patient.vitals.failed());
}

TEST_CASE("vitals: failures for three seconds have it probed, however few") {
  Patient patient;
  CHECK(patient.bears(1));
  patient.clock.pass_us(kProbeAfterUs - 1);
  CHECK(patient.bears(1));
  patient.clock.pass_us(1);
  CHECK(patient.vitals.failed());
}

TEST_CASE("vitals: a first failure that took as long has it probed at once") {
  Patient patient;
  patient.clock.pass_us(kProbeAfterUs);
  patient.vitals.succeeded(512);
  patient.clock.pass_us(kProbeAfterUs - 1);
  CHECK(patient.bears(1));
  patient.vitals.succeeded(512);
  patient.clock.pass_us(kProbeAfterUs);
  CHECK(patient.vitals.failed());
}

TEST_CASE("vitals: what was between two sweeps does not count") {
  Patient patient({5 * kSecond, 1000});
  patient.clock.pass_us(1000 * kSecond);
  patient.vitals.begin();
  CHECK(patient.vitals.look() == Health::alive);
  CHECK(patient.bears(1));
}

TEST_CASE("vitals: one that answers a probe lives, and is probed again as late as before") {
  Patient patient;
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  REQUIRE(patient.vitals.failed());
  patient.vitals.probed(true);
  CHECK(patient.vitals.health() == Health::alive);
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  CHECK(patient.vitals.failed());
}

TEST_CASE("vitals: one that answers no probe is dead, and stays so") {
  Patient patient;
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  REQUIRE(patient.vitals.failed());
  patient.vitals.probed(false);
  CHECK(patient.vitals.health() == Health::dead);
  patient.vitals.succeeded(512);
  CHECK(patient.vitals.look() == Health::dead);
  CHECK(patient.bears(2 * kFailuresBeforeProbe));  // nobody probes the dead
}

TEST_CASE("vitals: a transfer that succeeds beside failing probes is an answer") {
  Patient patient;
  CHECK(patient.bears(kFailuresBeforeProbe - 1));
  REQUIRE(patient.vitals.failed());
  patient.vitals.succeeded(512);
  patient.vitals.probed(false);
  CHECK(patient.vitals.health() == Health::alive);
}

TEST_CASE("vitals: without a success for 15 seconds after a failure it is dead, probed or not") {
  Patient patient;
  patient.clock.pass_us(kSecond);
  CHECK(patient.bears(1));
  patient.clock.pass_us(kDeadAfterUs - 1);
  CHECK(patient.vitals.look() == Health::alive);
  patient.clock.pass_us(1);
  CHECK(patient.vitals.health() == Health::alive);  // does not look at the time
  CHECK(patient.vitals.look() == Health::dead);
  CHECK(patient.vitals.health() == Health::dead);
}

TEST_CASE("vitals: nobody is dead who never failed, however long it takes") {
  Patient patient;
  patient.clock.pass_us(1000 * kDeadAfterUs);
  CHECK(patient.vitals.look() == Health::alive);
}

/// A failure told by a thread of its own while the medium is being probed.
struct FailureBesideProbe {
  Patient patient;
  std::future<bool> beside;
  FailureBesideProbe() {
    CHECK(patient.bears(kFailuresBeforeProbe - 1));
    REQUIRE(patient.vitals.failed());
    beside = std::async(std::launch::async, [this] { return patient.vitals.failed(); });
  }
};

TEST_CASE("vitals: while one probes, others that fail wait for the answer and don't probe") {
  for (const bool answered : {true, false}) {
    CAPTURE(answered);
    FailureBesideProbe probing;
    probing.patient.vitals.probed(answered);
    CHECK_FALSE(probing.beside.get());
    CHECK(probing.patient.vitals.health() == (answered ? Health::alive : Health::dead));
  }
}

TEST_CASE("vitals: who waits for a probe is let go when the medium is given up") {
  FailureBesideProbe probing;
  probing.patient.clock.pass_us(kDeadAfterUs);
  CHECK(probing.patient.vitals.look() == Health::dead);
  CHECK_FALSE(probing.beside.get());
}

TEST_CASE("vitals: it hangs when no transfer ends for the stall timeout, well or not") {
  Patient patient({5 * kSecond, 0});
  patient.clock.pass_us(5 * kSecond - 1);
  CHECK(patient.vitals.look() == Health::alive);
  patient.vitals.succeeded(1);
  patient.clock.pass_us(5 * kSecond - 1);
  CHECK(patient.vitals.look() == Health::alive);
  CHECK(patient.vitals.failed());
  patient.vitals.probed(true);
  patient.clock.pass_us(5 * kSecond - 1);
  CHECK(patient.vitals.look() == Health::alive);
  patient.clock.pass_us(1);
  CHECK(patient.vitals.look() == Health::hung);
}

TEST_CASE("vitals: the rate is judged over whole minutes of work") {
  Patient patient({0, 1000});
  patient.clock.pass_us(kRateWindowUs - 1);
  CHECK(patient.vitals.look() == Health::alive);  // too early to tell
  patient.vitals.succeeded(60'000);
  patient.clock.pass_us(1);
  CHECK(patient.vitals.look() == Health::alive);  // just enough
  patient.clock.pass_us(kRateWindowUs);
  CHECK(patient.vitals.look() == Health::too_slow);  // what was before no longer counts
}

TEST_CASE("vitals: a byte a second too few is too slow; without a minimum nothing is") {
  for (const std::uint64_t minimum : {std::uint64_t{1000}, std::uint64_t{0}}) {
    CAPTURE(minimum);
    Patient patient({0, minimum});
    patient.clock.pass_us(kRateWindowUs);
    patient.vitals.succeeded(59'940);
    CHECK(patient.vitals.look() == (minimum == 0 ? Health::alive : Health::too_slow));
  }
}

TEST_CASE("vitals: the minute goes on over sweeps that are shorter, without what was between") {
  Patient patient({0, 1000});
  for (int sweep = 0; sweep < 5; ++sweep) {
    patient.clock.pass_us(10 * kSecond);
    CHECK(patient.vitals.look() == Health::alive);
    patient.clock.pass_us(1000 * kSecond);
    patient.vitals.begin();
    CHECK(patient.vitals.look() == Health::alive);
  }
  patient.clock.pass_us(10 * kSecond);
  CHECK(patient.vitals.look() == Health::too_slow);
}

TEST_CASE("vitals: nor does it count for who has failed already") {
  Patient patient;
  CHECK(patient.bears(1));
  patient.clock.pass_us(kSecond);
  CHECK(patient.vitals.look() == Health::alive);
  patient.clock.pass_us(1000 * kSecond);
  patient.vitals.begin();
  CHECK(patient.vitals.look() == Health::alive);
  CHECK(patient.bears(1));
  patient.clock.pass_us(kDeadAfterUs - kSecond);
  CHECK(patient.vitals.look() == Health::dead);
}

}  // namespace
}  // namespace quietus::test
