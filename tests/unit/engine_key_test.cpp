// SPDX-License-Identifier: GPL-3.0-or-later
// The destruction of an encrypted volume's keys: slots, header, copies, and what is said of it.
#include <doctest/doctest.h>

#include "drive_rig.h"

namespace quietus::test {
namespace {

constexpr std::size_t kHeaderBytes = 16 << 10U;
constexpr std::size_t kDriveBytes = 256 << 10U;
const std::string kUuid = "11111111-2222-3333-4444-555555555555";
const std::string kOther = "99999999-2222-3333-4444-555555555555";

std::string header_of(const std::string& uuid, const char* magic = "LUKS\xba\xbe") {
  std::string header(kHeaderBytes, 'K');
  header.replace(0, 6, magic);
  header.replace(168, 40, uuid + std::string(40 - uuid.size(), '\0'));
  return header;
}

/// What a system's library would make of it: a volume where the magic is.
class LuksMedium final : public ForwardingMedium {
 public:
  struct State {
    bool is_open = false;
    bool library_fails = false;
    std::function<void()> before = {};
  };
  LuksMedium(std::unique_ptr<Medium> inner, std::shared_ptr<State> state)
      : ForwardingMedium(std::move(inner)), state_(std::move(state)) {}

  [[nodiscard]] Result<EncryptedVolume> encrypted_volume() override {
    std::string begin(512, '\0');
    const auto got =
        inner().read_at(std::as_writable_bytes(std::span(begin)), 0, Transfer::buffered);
    if (!got) return got.error();
    if (!begin.starts_with("LUKS\xba\xbe")) return Error{Errc::not_found, 0, "no LUKS header"};
    EncryptedVolume volume;
    volume.type = "LUKS2";
    volume.uuid = kUuid;
    volume.cipher = "aes-xts-plain64";
    volume.key_bits = 512;
    volume.key_slots = {0, 1};
    volume.header = {0, kHeaderBytes};
    volume.data_offset = kHeaderBytes;
    return volume;
  }
  [[nodiscard]] Status destroy_key_slots() override {
    if (state_->before) state_->before();
    if (state_->is_open) return Error{Errc::busy, 0, "the volume is open"};
    if (state_->library_fails) return Error{Errc::io, 0, "the library failed"};
    if (const auto there = encrypted_volume(); !there) return there.error();
    const Bytes zeros(4096);
    const auto done = inner().write_at(zeros, 4096, Transfer::buffered);
    return done ? Status() : Status(done.error());
  }

 private:
  std::shared_ptr<State> state_;
};

struct KeyRig {
  DriveRig rig;
  std::shared_ptr<LuksMedium::State> luks = std::make_shared<LuksMedium::State>();
  std::string data = std::string(kDriveBytes - kHeaderBytes, 'd');

  void add(const std::string& header) {
    rig.add_drive(header + data);
    rig.lie = [this](std::unique_ptr<Medium> medium) {
      return std::make_unique<LuksMedium>(std::move(medium), luks);
    };
  }
  Evidence run(const std::vector<JobRecord>* records = nullptr) {
    Plan made = rig.plan();
    made.targets.front().choice.method = Method::key_erase;
    rig.arm();
    Workbench bench{rig.world.platform, rig.clock, rig.random, rig.world.events, rig.world.stop};
    bench.workers = 1;
    bench.log = rig.log ? &*rig.log : nullptr;
    bench.records = records;
    return quietus::destroy(made, 0, job_secret(), bench);
  }
};

TEST_CASE("engine_key: slots and header are gone, the data stays") {
  KeyRig keys;
  keys.add(header_of(kUuid));
  const Evidence evidence = keys.run();
  CHECK(evidence.outcome == Outcome::sanitized);
  REQUIRE(evidence.firmware);
  REQUIRE(evidence.firmware->keys);
  const KeyEvidence& found = *evidence.firmware->keys;
  CHECK(found.slots_destroyed);
  CHECK(found.volume.uuid == kUuid);
  CHECK(found.overwritten_bytes == kHeaderBytes);
  CHECK(found.compared_bytes == kHeaderBytes);
  CHECK(found.searched_bytes == kDriveBytes);
  CHECK(found.headers_left == 0);
  CHECK(found.copies_found.empty());
  const std::string now = keys.rig.content();
  CHECK(now.substr(kHeaderBytes) == keys.data);
  CHECK(now.find("KKKKKKKK") == std::string::npos);
  CHECK(now.find("LUKS") == std::string::npos);
}

TEST_CASE("engine_key: copies of the header on the same drive go, too; other volumes' stay") {
  KeyRig keys;
  keys.data.replace(64 << 10U, kHeaderBytes, header_of(kUuid));
  keys.data.replace(128 << 10U, kHeaderBytes, header_of(kOther, "SKUL\xba\xbe"));
  keys.add(header_of(kUuid));
  const Evidence evidence = keys.run();
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "other_headers"));
  const KeyEvidence& found = *evidence.firmware->keys;
  CHECK(found.copies_found == std::vector<Extent>{{kHeaderBytes + (64 << 10U), kHeaderBytes}});
  CHECK(found.overwritten_bytes == 2 * kHeaderBytes);
  CHECK(found.headers_left == 1);
  CHECK(keys.rig.content().find("LUKS\xba\xbe") == std::string::npos);
  CHECK(keys.rig.content().find("SKUL\xba\xbe") != std::string::npos);
}

TEST_CASE("engine_key: a copy is overwritten up to another volume's header, which stays") {
  KeyRig keys;
  keys.data.replace(64 << 10U, kHeaderBytes, header_of(kUuid));
  keys.data.replace((64 << 10U) + 1024, 512, header_of(kOther).substr(0, 512));
  keys.add(header_of(kUuid));
  const Evidence evidence = keys.run();
  CHECK(evidence.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(evidence, "other_headers"));
  const KeyEvidence& found = *evidence.firmware->keys;
  CHECK(found.copies_found == std::vector<Extent>{{kHeaderBytes + (64 << 10U), 1024}});
  const std::string now = keys.rig.content();
  CHECK(now.substr(kHeaderBytes + (64 << 10U) + 1024, 512) == header_of(kOther).substr(0, 512));
}

TEST_CASE("engine_key: an overwrite that follows covers all of it") {
  KeyRig keys;
  keys.rig.world.rules.then_overwrite = true;
  keys.add(header_of(kUuid));
  const Evidence evidence = keys.run();
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(evidence.firmware->keys->slots_destroyed);
  CHECK(evidence.passes.size() == 2);
  CHECK(keys.rig.content() == keys.rig.last_content(kDriveBytes));
}

TEST_CASE("engine_key: nothing is destroyed where there is no volume, or it is open") {
  KeyRig none;
  none.add(std::string(kHeaderBytes, 'p'));
  const Evidence nothing = none.run();
  CHECK(nothing.outcome == Outcome::failed);
  CHECK(has_fact(nothing, "not_encrypted"));
  CHECK(none.rig.touched("write").empty());

  KeyRig open;
  open.add(header_of(kUuid));
  open.luks->is_open = true;
  const Evidence busy = open.run();
  CHECK(busy.outcome == Outcome::failed);
  CHECK(has_fact(busy, "volume_open"));
  CHECK(open.rig.content().starts_with("LUKS"));
}

TEST_CASE("engine_key: where the library fails the header's bytes go all the same") {
  KeyRig keys;
  keys.add(header_of(kUuid));
  keys.luks->library_fails = true;
  const Evidence evidence = keys.run();
  CHECK(evidence.outcome == Outcome::sanitized);
  CHECK(has_fact(evidence, "slots_not_destroyed"));
  CHECK_FALSE(evidence.firmware->keys->slots_destroyed);
  CHECK(keys.rig.content().find("KKKKKKKK") == std::string::npos);
}

TEST_CASE("engine_key: a header that is not overwritten in truth is found out") {
  KeyRig keys;
  keys.add(header_of(kUuid));
  keys.rig.lie = [&keys](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    auto deaf = std::make_unique<DropsWrites>(std::move(medium), std::vector<Extent>{{8192, 512}});
    return std::make_unique<LuksMedium>(std::move(deaf), keys.luks);
  };
  CHECK(keys.run().outcome == Outcome::verification_failed);

  KeyRig bad;
  bad.add(header_of(kUuid));
  bad.rig.lie = [&bad](std::unique_ptr<Medium> medium) -> std::unique_ptr<Medium> {
    auto sick = std::make_unique<BadExtents>(std::move(medium), std::vector<Extent>{{8192, 512}},
                                             BadExtents::Which{false, true});
    return std::make_unique<LuksMedium>(std::move(sick), bad.luks);
  };
  const Evidence left = bad.run();
  CHECK(left.outcome == Outcome::sanitized_with_exceptions);
  CHECK(has_fact(left, "header_left"));
}

struct PowerCut {};

void cut_everywhere(bool then_overwrite) {
  for (std::uint64_t nth = 1;; ++nth) {
    CAPTURE(nth);
    KeyRig keys;
    keys.rig.world.rules.then_overwrite = then_overwrite;
    keys.add(header_of(kUuid));
    keys.rig.begin_log();
    std::uint64_t operations = 0;
    keys.luks->before = [&] {
      if (++operations == nth) throw PowerCut{};
    };
    keys.rig.before = [&](const Operation& one) {
      if (one.what != "flush" && ++operations == nth) throw PowerCut{};
    };
    bool cut = false;
    try {
      const Evidence whole = keys.run();
      CHECK(whole.outcome == Outcome::sanitized);
    } catch (const PowerCut&) {
      cut = true;
    }
    if (!cut) break;
    keys.rig.before = nullptr;
    keys.luks->before = nullptr;
    keys.rig.log.reset();
    keys.rig.open_log();
    const JobState state = std::move(*read_job(*keys.rig.folder, kJobId));
    const Evidence evidence = keys.run(&state.records);
    CHECK(evidence.outcome == Outcome::sanitized);
    CHECK(evidence.firmware->keys->volume.uuid == kUuid);
    CHECK(keys.rig.content().find("KKKKKKKK") == std::string::npos);
    if (then_overwrite) CHECK(keys.rig.content() == keys.rig.last_content(kDriveBytes));
  }
}

TEST_CASE("engine_key: the power may go at any moment, and the run goes on to the same end") {
  cut_everywhere(false);
  cut_everywhere(true);
}

}  // namespace
}  // namespace quietus::test
