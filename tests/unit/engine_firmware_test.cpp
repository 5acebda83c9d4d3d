// SPDX-License-Identifier: GPL-3.0-or-later
// Drives that sanitize themselves: whatever they say, an outcome is claimed only where report and
// medium carry it, and no second command is ever sent.
#include <doctest/doctest.h>
#include <functional>
#include <set>

#include "firmware_rig.h"

namespace quietus::test {
namespace {

using Registers = FakeAta::Registers;
using Exceptions = std::set<std::string>;

/// What a drive does, and what has to come of it.
struct AtaCase {
  const char* name;
  Method method;
  std::function<void(AtaRig&)> arrange;
  Outcome outcome;
  Exceptions exceptions = {};
};

const std::vector<AtaCase>& ata_cases() {
  static const std::vector<AtaCase> kCases{
      {"crypto", Method::sanitize_crypto, [](AtaRig&) {}, Outcome::sanitized},
      {"block", Method::sanitize_block, [](AtaRig&) {}, Outcome::sanitized},
      {"overwrite", Method::sanitize_overwrite, [](AtaRig&) {}, Outcome::sanitized},
      {"security erase", Method::secure_erase, [](AtaRig&) {}, Outcome::sanitized},
      {"frozen",
       Method::sanitize_block,
       [](AtaRig& rig) { rig.fake->sanitize_frozen = true; },
       Outcome::failed,
       {"command_refused"}},
      {"security frozen",
       Method::secure_erase,
       [](AtaRig& rig) { rig.fake->frozen = true; },
       Outcome::failed,
       {"command_refused"}},
      {"fails",
       Method::sanitize_block,
       [](AtaRig& rig) { rig.fake->sanitize.failures_left = 1; },
       Outcome::failed,
       {"operation_failed", "left_in_failure_state"}},
      {"one sector kept",
       Method::sanitize_block,
       [](AtaRig& rig) {
         rig.fake->sanitize.residue = {{512 * 77, 512}};
       },
       Outcome::verification_failed,
       {"canary_survived"}},
      {"lies",
       Method::sanitize_block,
       [](AtaRig& rig) { rig.fake->sanitize.lies = true; },
       Outcome::verification_failed,
       {"canary_survived"}},
      {"security erase lies",
       Method::secure_erase,
       [](AtaRig& rig) { rig.fake->erase = FakeAta::Erase::lies; },
       Outcome::verification_failed,
       {"canary_survived"}},
  };
  return kCases;
}

std::string facts_text(const Evidence& evidence) {
  std::string text;
  for (const Fact& fact : evidence.facts) text += fact.code + ": " + fact.text + "\n";
  return text;
}

TEST_CASE("engine_firmware: what an ATA drive does, and what is claimed of it") {
  for (const AtaCase& one : ata_cases()) {
    CAPTURE(one.name);
    AtaRig rig;
    rig.method = one.method;
    static_cast<void>(rig.plan());  // asked before anything goes wrong
    one.arrange(rig);
    const Evidence evidence = rig.run();
    CAPTURE(facts_text(evidence));
    CHECK(evidence.outcome == one.outcome);
    CHECK(exceptions_of(evidence) == one.exceptions);
    if (evidence.outcome == Outcome::sanitized) CHECK_FALSE(rig.holds_old_data());
    CHECK(rig.fake->sanitize_commands() <= 1);
  }
}

struct NvmeCase {
  const char* name;
  Method method;
  std::function<void(FakeNvmeSubsystem&)> arrange;
  Outcome outcome;
  Exceptions exceptions = {};
};

const std::vector<NvmeCase>& nvme_cases() {
  using Nvme = FakeNvmeSubsystem;
  static const std::vector<NvmeCase> kCases{
      {"crypto", Method::sanitize_crypto, [](Nvme&) {}, Outcome::sanitized},
      {"block", Method::sanitize_block, [](Nvme&) {}, Outcome::sanitized},
      {"overwrite", Method::sanitize_overwrite, [](Nvme&) {}, Outcome::sanitized},
      {"format", Method::format, [](Nvme&) {}, Outcome::sanitized},
      {"SSTAT 4", Method::sanitize_block, [](Nvme& one) { one.without_deallocation = true; },
       Outcome::sanitized},
      {"fails",
       Method::sanitize_block,
       [](Nvme& one) { one.failures_left = 1; },
       Outcome::failed,
       {"operation_failed", "left_in_failure_state"}},
      {"one block kept",
       Method::sanitize_block,
       [](Nvme& one) { one.kept_block = 77; },
       Outcome::verification_failed,
       {"canary_survived"}},
      {"done at once",
       Method::sanitize_crypto,
       [](Nvme& one) { one.lie = Nvme::Lie::done_at_once; },
       Outcome::verification_failed,
       {"canary_survived"}},
      {"format lies",
       Method::format,
       [](Nvme& one) { one.format_lies = true; },
       Outcome::verification_failed,
       {"canary_survived"}},
      {"refused",
       Method::sanitize_block,
       [](Nvme& one) { one.sanitize_answer = 0x0001; },
       Outcome::failed,
       {"command_refused"}},
  };
  return kCases;
}

TEST_CASE("engine_firmware: what an NVMe drive does, and what is claimed of it") {
  for (const NvmeCase& one : nvme_cases()) {
    CAPTURE(one.name);
    NvmeRig rig;
    rig.method = one.method;
    static_cast<void>(rig.plan());
    one.arrange(*rig.fake);
    const Evidence evidence = rig.run();
    CAPTURE(facts_text(evidence));
    CHECK(evidence.outcome == one.outcome);
    CHECK(exceptions_of(evidence) == one.exceptions);
    CHECK(sent_to(*rig.fake) <= 1);
    if (evidence.outcome == Outcome::sanitized) CHECK_FALSE(rig.holds_old_data());
  }
}

TEST_CASE("engine_firmware: an NVMe log that says nothing or another thing is no success") {
  using Nvme = FakeNvmeSubsystem;
  const std::vector<std::function<void(Nvme&)>> lies{
      [](Nvme& one) { one.lie = Nvme::Lie::swallowed; },
      [](Nvme& one) { one.log_unreadable = true; },
      [](Nvme& one) { one.other_action = 0x00000002; },
  };
  for (const auto& lie : lies) {
    NvmeRig rig;
    rig.method = Method::sanitize_crypto;
    static_cast<void>(rig.plan());
    lie(*rig.fake);
    const Evidence evidence = rig.run();
    CAPTURE(facts_text(evidence));
    CHECK(evidence.outcome != Outcome::sanitized);
    CHECK(evidence.outcome != Outcome::sanitized_with_exceptions);
    CHECK(sent_to(*rig.fake) <= 1);
  }
}

/// What hides the drive's answers hides its success, too.
TEST_CASE("engine_firmware: what a bridge hides is never success") {
  for (const Registers registers : {Registers::bare, Registers::good, Registers::zero}) {
    for (const Method method : {Method::sanitize_block, Method::sanitize_crypto}) {
      CAPTURE(static_cast<int>(registers));
      AtaRig rig;
      rig.method = method;
      static_cast<void>(rig.plan());
      rig.fake->registers = registers;
      const Evidence evidence = rig.run();
      CAPTURE(facts_text(evidence));
      CHECK(evidence.outcome != Outcome::sanitized);
      CHECK(evidence.outcome != Outcome::sanitized_with_exceptions);
    }
  }
}

TEST_CASE("engine_firmware: a command that is swallowed is no success") {
  AtaRig ata;
  static_cast<void>(ata.plan());
  ata.fake->sanitize.swallows = true;
  const Evidence evidence = ata.run();
  CHECK(evidence.outcome >= Outcome::unverified);
  CHECK(ata.holds_old_data() == false);  // canaries are on all of it
  ScsiRig scsi;
  static_cast<void>(scsi.plan());
  scsi.fake->sanitize.swallows = true;
  const Evidence silent = scsi.run();
  CAPTURE(facts_text(silent));
  CHECK(silent.outcome == Outcome::verification_failed);
  CHECK(has_fact(silent, "operation_unknown"));
  CHECK(has_fact(silent, "canary_survived"));
}

TEST_CASE("engine_firmware: a reset in the middle is never success without a word") {
  for (const auto reset : {FakeSanitize::Reset::forgets, FakeSanitize::Reset::resumes}) {
    CAPTURE(static_cast<int>(reset));
    AtaRig ata;
    static_cast<void>(ata.plan());
    ata.fake->sanitize.reset = reset;
    const Evidence one = ata.run();
    CAPTURE(facts_text(one));
    // An ATA drive that resumes by itself tells at the end what it did.
    if (reset == FakeSanitize::Reset::forgets) CHECK(one.outcome != Outcome::sanitized);
    ScsiRig scsi;
    static_cast<void>(scsi.plan());
    scsi.fake->sanitize.reset = reset;
    const Evidence other = scsi.run();
    CAPTURE(facts_text(other));
    CHECK(other.outcome != Outcome::sanitized);
  }
}

TEST_CASE("engine_firmware: SCSI drives, in both formats of sense data") {
  for (const bool descriptors : {false, true}) {
    for (const Method method :
         {Method::sanitize_crypto, Method::sanitize_block, Method::sanitize_overwrite}) {
      CAPTURE(name_of(method));
      ScsiRig rig;
      rig.fake->descriptor_sense = descriptors;
      rig.method = method;
      const Evidence evidence = rig.run();
      CAPTURE(facts_text(evidence));
      CHECK(evidence.outcome == Outcome::sanitized);
      REQUIRE(evidence.firmware);
      CHECK(evidence.firmware->canaries->planted_blocks == 128);
      CHECK(evidence.firmware->canaries->survived_blocks == 0);
      CHECK(evidence.firmware->sample->read_bytes == (64 << 10U));
      CHECK(evidence.health_before.has_value());
      CHECK(rig.fake->sanitize.starts == 1);
      CHECK_FALSE(rig.holds_old_data());
    }
  }
}

TEST_CASE("engine_firmware: another drive in its place gets neither a byte nor a command") {
  AtaRig rig;
  static_cast<void>(rig.plan());
  rig.fake->serial = "ANOTHER";
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == Outcome::failed);
  CHECK(has_fact(evidence, "identity_changed"));
  CHECK(rig.rig.touched("write").empty());
  CHECK(rig.fake->sanitize_commands() == 0);

  AtaRig later;
  static_cast<void>(later.plan());
  later.then = [&](const Operation& one) {
    if (one.what == "write" && one.on == Operation::On::drive) later.fake->serial = "ANOTHER";
  };
  const Evidence swapped = later.run();
  CHECK(swapped.outcome == Outcome::failed);
  CHECK(has_fact(swapped, "identity_changed"));
  CHECK(later.fake->sanitize_commands() == 0);
}

TEST_CASE("engine_firmware: a hidden area is opened up first, and destroyed with the rest") {
  AtaRig rig;
  rig.fake->hpa_blocks = 16;
  const Evidence evidence = rig.run();
  CAPTURE(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(has_fact(evidence, "hidden_area_restored"));
  CHECK(evidence.size_bytes == (64 << 10U));
  CHECK(evidence.firmware->hidden_restored);
  CHECK(evidence.firmware->hidden_before.present == Answer::yes);
  CHECK(evidence.firmware->hidden_after.present == Answer::no);
  CHECK_FALSE(rig.holds_old_data());

  AtaRig kept;
  kept.fake->hpa_blocks = 16;
  kept.rig.world.rules.keep_hidden_area = true;
  const Evidence left = kept.run();
  CHECK(left.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(left, "hidden_area_left"));
}

TEST_CASE("engine_firmware: overwriting opens a hidden area up, too, and then covers it") {
  AtaRig rig;
  rig.method = Method::overwrite;
  rig.fake->hpa_blocks = 16;
  const Evidence evidence = rig.run();
  CAPTURE(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(has_fact(evidence, "hidden_area_restored"));
  CHECK(evidence.content_bytes == (64 << 10U));
  CHECK(evidence.health_before->source == "ata_smart");
  CHECK(evidence.health_after->source == "ata_smart");
  CHECK_FALSE(rig.holds_old_data());
}

/// As libata does: the size from before stays until the drive is attached anew.
class KeepsSize final : public ForwardingMedium {
 public:
  KeepsSize(std::unique_ptr<Medium> inner, std::uint64_t bytes)
      : ForwardingMedium(std::move(inner)), bytes_(bytes) {}
  Result<Geometry> geometry() override {
    Result<Geometry> geometry = inner().geometry();
    if (geometry) geometry->size_bytes = std::min(geometry->size_bytes, bytes_);
    return geometry;
  }

 private:
  std::uint64_t bytes_;
};

TEST_CASE("engine_firmware: what was opened up counts once the system addresses it") {
  for (const Method method : {Method::sanitize_block, Method::overwrite}) {
    CAPTURE(name_of(method));
    AtaRig rig;
    rig.method = method;
    rig.fake->hpa_blocks = 16;
    rig.rig.lie = [&rig](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
      auto drive = std::make_unique<FakeAtaDrive>(std::move(medium), rig.fake);
      return std::make_unique<KeepsSize>(std::move(drive), (64 << 10U) - 16 * 512);
    };
    const Evidence evidence = rig.run();
    CAPTURE(facts_text(evidence));
    CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
    CHECK(has_fact(evidence, "hidden_area_left"));
    CHECK_FALSE(has_fact(evidence, "hidden_area_restored"));
  }
}

TEST_CASE("engine_firmware: a block that could hold no canary was not seen to be gone") {
  AtaRig rig;
  rig.rig.lie = [&rig](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    auto drive = std::make_unique<FakeAtaDrive>(std::move(medium), rig.fake);
    return std::make_unique<BadExtents>(std::move(drive), std::vector<Extent>{{512 * 9, 512}},
                                        BadExtents::Which{false, true});
  };
  const Evidence evidence = rig.run();
  CAPTURE(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(exceptions_of(evidence) == Exceptions{"canaries_left_out"});
  CHECK(evidence.firmware->canaries->planted_blocks == 127);
}

TEST_CASE("engine_firmware: a drive that the system loses meanwhile keeps its job") {
  AtaRig rig;
  static_cast<void>(rig.plan());
  rig.fake->sanitize.duration_us = 3'600'000'000;
  bool gone = false;
  class Loses final : public ForwardingMedium {
   public:
    Loses(std::unique_ptr<Medium> inner, const bool& gone)
        : ForwardingMedium(std::move(inner)), gone_(gone) {}
    Result<Geometry> geometry() override {
      if (gone_) return Error{Errc::io, 19, "no such device"};
      return inner().geometry();
    }
    Result<DeviceReply> execute(const DeviceCommand& command) override {
      if (gone_) return Error{Errc::io, 19, "no such device"};
      return inner().execute(command);
    }

   private:
    const bool& gone_;
  };
  rig.rig.lie = [&](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    return std::make_unique<Loses>(std::make_unique<FakeAtaDrive>(std::move(medium), rig.fake),
                                   gone);
  };
  rig.rig.world.events.then = [&](const Event& event) {
    const auto* seen = std::get_if<OperationSeen>(&event);
    if (seen != nullptr && seen->state == "running") gone = true;
  };
  const auto evidence = rig.run_with_log();
  REQUIRE(evidence);
  CAPTURE(facts_text(*evidence));
  CHECK(evidence->outcome == Outcome::interrupted);
  CHECK(has_fact(*evidence, "still_running"));
  gone = false;
  rig.rig.world.events.then = nullptr;
  const auto later = rig.resume();
  REQUIRE(later);
  CAPTURE(facts_text(*later));
  CHECK(later->outcome == Outcome::sanitized);
  CHECK(rig.fake->sanitize.starts == 1);
}

TEST_CASE("engine_firmware: without a PSID nothing is planted and nothing is sent") {
  NvmeRig rig;
  rig.method = Method::opal_psid;
  const Evidence evidence = rig.run();
  CHECK(evidence.outcome == Outcome::failed);
  CHECK(has_fact(evidence, "psid_missing"));
  CHECK(sent_to(*rig.fake) == 0);
  CHECK(rig.rig.content() == std::string(64 << 10U, 'o'));
}

TEST_CASE("engine_firmware: an operation that stands still goes on without us") {
  AtaRig rig;
  rig.rig.world.rules.stall_timeout_s = 60;
  static_cast<void>(rig.plan());
  rig.fake->sanitize.stuck_at = std::uint16_t{655};
  const auto evidence = rig.run_with_log();
  REQUIRE(evidence);
  CHECK(evidence->outcome == Outcome::interrupted);
  CHECK(has_fact(*evidence, "still_running"));
  bool stalled = false;
  for (const Event& event : rig.rig.world.events.all) {
    const auto* seen = std::get_if<OperationSeen>(&event);
    stalled = stalled || (seen != nullptr && seen->stalled);
  }
  CHECK(stalled);
  rig.fake->sanitize.stuck_at.reset();
  const auto later = rig.resume();
  REQUIRE(later);
  CAPTURE(facts_text(*later));
  CHECK(later->outcome == Outcome::sanitized);
  CHECK(later->resumed.size() == 1);
  CHECK(later->firmware->canaries->planted_blocks == 128);
  CHECK(rig.fake->sanitize.starts == 1);
}

TEST_CASE("engine_firmware: a stop is heeded soon, and the drive goes on") {
  AtaRig rig;
  static_cast<void>(rig.plan());
  rig.fake->sanitize.duration_us = 3'600'000'000;
  rig.rig.world.events.then = [&](const Event& event) {
    const auto* seen = std::get_if<OperationSeen>(&event);
    if (seen != nullptr && seen->state == "running") rig.rig.world.stop.request();
  };
  const auto evidence = rig.run_with_log();
  REQUIRE(evidence);
  CHECK(evidence->outcome == Outcome::interrupted);
  CHECK(has_fact(*evidence, "still_running"));
  CHECK(has_fact(*evidence, "interrupted"));
  CHECK(rig.fake->sanitize.starts == 1);
}

TEST_CASE("engine_firmware: a drive that takes no canaries is unverified at best") {
  AtaRig rig;
  rig.rig.lie = [&rig](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    auto drive = std::make_unique<FakeAtaDrive>(std::move(medium), rig.fake);
    return std::make_unique<BadExtents>(std::move(drive), std::vector<Extent>{{0, 64 << 10U}},
                                        BadExtents::Which{false, true});
  };
  const Evidence evidence = rig.run();
  CAPTURE(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::unverified);
  CHECK(has_fact(evidence, "canaries_not_planted"));
  CHECK(rig.fake->sanitize.starts == 1);
}

TEST_CASE("engine_firmware: an overwrite that follows settles what could not be read") {
  AtaRig rig;
  rig.rig.world.rules.then_overwrite = true;
  const Evidence evidence = rig.run();
  CAPTURE(facts_text(evidence));
  CHECK(evidence.outcome == Outcome::sanitized);
  REQUIRE(evidence.passes.size() == 1);
  CHECK(evidence.passes.front().compared_bytes == (64 << 10U));
  CHECK(evidence.firmware->canaries->survived_blocks == 0);
  CHECK(rig.rig.content() == rig.rig.last_content(64 << 10U));
}

/// Cuts the power at every operation in turn and goes on with the job.
template <class Rig>
void cut_everywhere(const std::function<void(Rig&)>& arrange) {
  std::set<Outcome> seen;
  for (std::uint64_t nth = 1;; ++nth) {
    CAPTURE(nth);
    Rig rig;
    arrange(rig);
    static_cast<void>(rig.plan());
    rig.cut_at = nth;
    if (rig.run_with_log()) break;
    const std::size_t sent = sent_to(*rig.fake);
    rig.cut_at = 0;
    const auto evidence = rig.resume();
    REQUIRE(evidence);
    CAPTURE(facts_text(*evidence));
    CHECK(sent_to(*rig.fake) <= 1);
    if (sent == 1) CHECK(evidence->firmware->sent.has_value());
    if (evidence->outcome == Outcome::sanitized) {
      CHECK(sent_to(*rig.fake) == 1);
      CHECK(evidence->firmware->canaries->checked_blocks == 128);
      CHECK_FALSE(rig.holds_old_data());
    }
    seen.insert(evidence->outcome);
  }
  CHECK(seen.contains(Outcome::sanitized));
}

TEST_CASE("engine_firmware: killed at any moment, the job goes on without a second command") {
  cut_everywhere<AtaRig>([](AtaRig& rig) { rig.method = Method::sanitize_crypto; });
  cut_everywhere<AtaRig>([](AtaRig& rig) {
    rig.method = Method::sanitize_overwrite;
    rig.fake->hpa_blocks = 16;
  });
  cut_everywhere<AtaRig>([](AtaRig& rig) { rig.rig.world.rules.then_overwrite = true; });
  cut_everywhere<ScsiRig>([](ScsiRig& rig) { rig.method = Method::sanitize_block; });
  cut_everywhere<NvmeRig>([](NvmeRig& rig) { rig.method = Method::sanitize_crypto; });
}

}  // namespace
}  // namespace quietus::test
