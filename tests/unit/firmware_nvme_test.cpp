// SPDX-License-Identifier: GPL-3.0-or-later
// NVMe: what a subsystem is asked, how it is sanitized and formatted, and which of its answers
// carry a claim.
#include <doctest/doctest.h>

#include "quietus/firmware.h"

#include "firmware_world.h"

namespace quietus::test {
namespace {

using Lie = FakeNvmeSubsystem::Lie;

/// A sanitize that was sent, over a medium that held something.
struct Sanitize : NvmeWorld {
  DriveAbilities abilities;
  std::unique_ptr<FirmwareOperation> operation;

  Status start(Method method = Method::sanitize_block) {
    fill();
    abilities = survey();
    operation =
        std::make_unique<FirmwareOperation>(*drive, abilities, ActionRequest{method, false, {}});
    return operation->start();
  }
  /// As a process does that finds the drive at it.
  void attach() {
    abilities = survey();
    operation = std::make_unique<FirmwareOperation>(
        *drive, abilities, ActionRequest{Method::sanitize_block, false, {}});
  }
  OperationStatus look_at_end() {
    clock.pass_us(subsystem->sanitize_us);
    return operation->look();
  }
};

TEST_CASE("nvme: a sanitize is sent once, for the whole subsystem, and followed to its end") {
  Sanitize world;
  REQUIRE(world.start());
  CHECK(world.operation->command() == "Sanitize, block erase (NVM Express 1.3, 5.24, SANACT 010b)");
  CHECK(world.operation->to_be_recorded().empty());

  OperationStatus status = world.operation->look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 0U);
  CHECK(status.remaining_s == 2U);
  CHECK(status.ran_ours == true);
  world.clock.pass_us(world.subsystem->sanitize_us / 2);
  status = world.operation->look();
  CHECK(status.state == OperationState::running);
  CHECK(status.progress_ppm == 500'000U);
  CHECK(status.remaining_s == 1U);
  CHECK(world.content().empty());
  status = world.look_at_end();
  CHECK(status.state == OperationState::succeeded);
  CHECK(status.ran_ours == true);
  CHECK(status.global_data_erased == true);
  CHECK_FALSE(status.no_deallocate);
  CHECK_FALSE(status.reset_seen);
  CHECK_FALSE(status.pattern);
  REQUIRE(status.raw.size() == 1);
  CHECK(status.raw[0].what == "nvme_log_81h");
  CHECK(to_hex(std::span(status.raw[0].bytes).first(12)) == "ffff01010200000002000000");

  REQUIRE(world.subsystem->changing.size() == 1);
  const NvmeCommand& sent = world.subsystem->changing[0];
  CHECK(sent.opcode == 0x84);
  CHECK(sent.namespace_id == 0);
  CHECK(sent.cdw10 == 2);
  CHECK(sent.cdw11 == 0);
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes));
}

TEST_CASE("nvme: each action has its number, and an overwrite is one pass of zeros") {
  struct Row {
    Method method;
    std::uint32_t dword10;
  };
  for (const Row& row : {Row{Method::sanitize_crypto, 0x04}, Row{Method::sanitize_block, 0x02},
                         Row{Method::sanitize_overwrite, 0x13}}) {
    for (const bool unrestricted : {false, true}) {
      NvmeWorld world;
      const DriveAbilities abilities = world.survey();
      FirmwareOperation operation(*world.drive, abilities, {row.method, unrestricted, {}});
      REQUIRE(operation.start());
      REQUIRE(world.subsystem->changing.size() == 1);
      CHECK(world.subsystem->changing[0].cdw10 == (row.dword10 | (unrestricted ? 8U : 0U)));
      CHECK(world.subsystem->changing[0].cdw11 == 0);
    }
  }
}

TEST_CASE("nvme: what an overwrite leaves is defined where deallocated blocks read as zeros") {
  for (const unsigned deallocated : {0U, 1U, 2U}) {
    for (const bool kept : {false, true}) {
      Sanitize world;
      world.subsystem->deallocated = static_cast<std::uint8_t>(deallocated);
      world.subsystem->without_deallocation = kept;
      REQUIRE(world.start(Method::sanitize_overwrite));
      const OperationStatus status = world.look_at_end();
      CHECK(status.state == OperationState::succeeded);
      CHECK(status.no_deallocate == kept);
      CHECK(status.pattern.has_value() == (kept || deallocated == 1));
      if (status.pattern) {
        CHECK(*status.pattern == Bytes{std::byte{0}});
        CHECK(world.content() == Bytes(NvmeWorld::size_bytes));
      }
    }
  }
}

TEST_CASE("nvme: a drive that is sanitizing is not told to do it again") {
  Sanitize world;
  REQUIRE(world.start());
  const Status again = world.operation->start();
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Errc::busy);
  CHECK(world.subsystem->changing.size() == 1);
}

TEST_CASE("nvme: without its log no sanitize is started, since nothing would tell of its end") {
  Sanitize world;
  world.subsystem->log_unreadable = true;
  const Status started = world.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::unsupported);
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("nvme: a failed sanitize is failed, and the failure state is left only where allowed") {
  for (const bool unrestricted : {false, true}) {
    NvmeWorld world;
    world.fill();
    world.subsystem->failures_left = 1;
    DriveAbilities abilities = world.survey();
    FirmwareOperation operation(*world.drive, abilities,
                                {Method::sanitize_block, unrestricted, {}});
    REQUIRE(operation.start());
    world.clock.pass_us(world.subsystem->sanitize_us);
    CHECK(operation.look().state == OperationState::failed);
    CHECK(operation.recover());
    CHECK(world.content().empty());
    CHECK(world.survey().is_in("sanitize_failed"));

    const Status left = leave_failure_state(*world.drive, CommandSet::nvme);
    CHECK(left.ok() == unrestricted);
    if (!left) CHECK(left.error().code == Errc::permission);
    const NvmeCommand& sent = world.subsystem->changing.back();
    CHECK(sent.cdw10 == 1);
    CHECK(sent.namespace_id == 0);
    CHECK(world.content().empty() == !unrestricted);
    CHECK(world.survey().is_in("sanitize_failed") == !unrestricted);
  }
}

TEST_CASE("nvme: there is no failure state to leave where nothing failed, and nothing is sent") {
  Sanitize world;
  CHECK(leave_failure_state(*world.drive, CommandSet::nvme));
  REQUIRE(world.start());
  const Status left = leave_failure_state(*world.drive, CommandSet::nvme);
  REQUIRE_FALSE(left);
  CHECK(left.error().code == Errc::busy);
  CHECK(world.subsystem->changing.size() == 1);
}

TEST_CASE("nvme: after a failure another sanitize may succeed") {
  Sanitize world;
  world.subsystem->failures_left = 1;
  REQUIRE(world.start());
  CHECK(world.look_at_end().state == OperationState::failed);
  REQUIRE(world.operation->start());
  CHECK(world.operation->look().state == OperationState::running);
  CHECK(world.look_at_end().state == OperationState::succeeded);
}

TEST_CASE("nvme: progress that stands still is running for ever") {
  Sanitize world;
  world.subsystem->stands_still = true;
  REQUIRE(world.start());
  for (int i = 0; i < 5; ++i) {
    const OperationStatus status = world.look_at_end();
    CHECK(status.state == OperationState::running);
    CHECK(status.progress_ppm == 9994U);
  }
  CHECK(world.subsystem->changing.size() == 1);
}

TEST_CASE("nvme: a swallowed command never passes for a sanitize") {
  SUBCASE("a drive that was never sanitized says so") {
    Sanitize world;
    world.subsystem->lie = Lie::swallowed;
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::never);
  }
  SUBCASE("the log still tells of an earlier one of the same kind") {
    for (const bool tells : {false, true}) {
      Sanitize world;
      world.subsystem->tells_data_erased = tells;
      REQUIRE(world.start());
      CHECK(world.look_at_end().state == OperationState::succeeded);
      world.subsystem->lie = Lie::swallowed;
      REQUIRE(world.start());
      CHECK(world.look_at_end().state == OperationState::unknown);
    }
  }
  SUBCASE("the log only loses its global data erased bit, by a write") {
    Sanitize world;
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::succeeded);
    world.subsystem->lie = Lie::swallowed;
    REQUIRE(world.operation->start());
    world.fill();
    CHECK(world.look_at_end().state == OperationState::unknown);
  }
  SUBCASE("the log tells of an earlier one of another kind") {
    Sanitize world;
    REQUIRE(world.start(Method::sanitize_crypto));
    CHECK(world.look_at_end().state == OperationState::succeeded);
    world.subsystem->lie = Lie::swallowed;
    REQUIRE(world.start(Method::sanitize_block));
    const OperationStatus status = world.look_at_end();
    CHECK(status.state == OperationState::unknown);
    CHECK(status.ran_ours == false);
  }
}

TEST_CASE("nvme: a second sanitize right after a first one is told from it") {
  for (const bool at_once : {false, true}) {
    Sanitize world;
    if (at_once) world.subsystem->sanitize_us = 0;
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::succeeded);
    // What is written in between puts "global data erased" out.
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::succeeded);
    CHECK(world.content() == Bytes(NvmeWorld::size_bytes));
  }
}

TEST_CASE("nvme: where nothing tells a second sanitize from the first, it is not known") {
  Sanitize world;
  world.subsystem->sanitize_us = 0;
  world.subsystem->tells_data_erased = false;
  REQUIRE(world.start());
  CHECK(world.look_at_end().state == OperationState::succeeded);
  REQUIRE(world.start());
  CHECK(world.look_at_end().state == OperationState::unknown);
}

TEST_CASE("nvme: a lie about success is the drive's report, and what is left is on the medium") {
  Sanitize world;
  world.subsystem->lie = Lie::done_at_once;
  REQUIRE(world.start());
  CHECK(world.operation->look().state == OperationState::succeeded);
  CHECK(world.content() == Bytes(NvmeWorld::size_bytes, std::byte{0xA5}));
}

TEST_CASE("nvme: one block that is kept does not show in the log") {
  Sanitize world;
  world.subsystem->kept_block = 7;
  REQUIRE(world.start());
  CHECK(world.look_at_end().state == OperationState::succeeded);
  Bytes expected(NvmeWorld::size_bytes);
  std::fill_n(expected.begin() + 7 * 512, 512, std::byte{0xA5});
  CHECK(world.content() == expected);
}

TEST_CASE("nvme: the log names another action: running or over, it is not ours") {
  Sanitize world;
  world.subsystem->other_action = 4;
  REQUIRE(world.start());
  OperationStatus status = world.operation->look();
  CHECK(status.state == OperationState::running);
  CHECK(status.ran_ours == false);
  CHECK_FALSE(status.remaining_s);
  status = world.look_at_end();
  CHECK(status.state == OperationState::unknown);
  CHECK(status.ran_ours == false);
}

TEST_CASE("nvme: a sanitize goes on through reset and power cut, and is found again") {
  SUBCASE("while it runs") {
    Sanitize world;
    REQUIRE(world.start());
    world.clock.pass_us(world.subsystem->sanitize_us / 2);
    world.subsystem->cut_power(60'000'000);
    world.clock.pass_us(60'000'000);
    world.attach();
    CHECK(world.abilities.is_in("sanitize_running"));
    CHECK(world.operation->look().progress_ppm == 500'000U);
    CHECK(world.look_at_end().state == OperationState::succeeded);
  }
  SUBCASE("when it is over: nothing was written since, so it is one of after the last write") {
    Sanitize world;
    REQUIRE(world.start());
    world.subsystem->reset();
    world.clock.pass_us(world.subsystem->sanitize_us);
    world.attach();
    CHECK(world.operation->look().state == OperationState::succeeded);
  }
  SUBCASE("when it is over, on a drive that does not tell whether anything was written") {
    Sanitize world;
    world.subsystem->tells_data_erased = false;
    REQUIRE(world.start());
    world.clock.pass_us(world.subsystem->sanitize_us);
    world.attach();
    CHECK(world.operation->look().state == OperationState::unknown);
  }
  SUBCASE("an old one, when ours was never sent") {
    Sanitize world;
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::succeeded);
    world.fill();
    world.attach();
    CHECK(world.operation->look().state == OperationState::unknown);
  }
}

TEST_CASE("nvme: a drive that is gone is not known to be anything, and comes back") {
  Sanitize world;
  REQUIRE(world.start());
  world.subsystem->is_gone = true;
  const OperationStatus status = world.look_at_end();
  CHECK(status.state == OperationState::unknown);
  CHECK_FALSE(status.text.empty());
  world.subsystem->is_gone = false;
  CHECK(world.operation->look().state == OperationState::succeeded);
}

TEST_CASE("nvme: an answer that is lost leaves open whether it began, and the log tells") {
  for (const bool arrived : {false, true}) {
    Sanitize world;
    world.subsystem->tells_data_erased = false;
    REQUIRE(world.start());
    CHECK(world.look_at_end().state == OperationState::succeeded);
    world.fill();
    world.subsystem->answer_lost = true;
    if (!arrived) world.subsystem->lie = Lie::swallowed;
    const Status started = world.operation->start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == Errc::io);
    world.subsystem->answer_lost = false;
    CHECK(world.operation->look().state ==
          (arrived ? OperationState::running : OperationState::unknown));
    CHECK(world.look_at_end().state ==
          (arrived ? OperationState::succeeded : OperationState::unknown));
  }
}

TEST_CASE("nvme: where the log can't be read before, it is certain that nothing was sent") {
  Sanitize world;
  world.attach();
  world.subsystem->is_gone = true;
  const Status started = world.operation->start();
  REQUIRE_FALSE(started);
  CHECK(started.error().code == Errc::unsupported);
  CHECK(started.error().what.find("; nothing was sent") != std::string::npos);
  CHECK(world.subsystem->changing.empty());
}

TEST_CASE("nvme: what a drive answers to Sanitize decides what kind of error it is") {
  struct Row {
    std::uint16_t status;
    Errc code;
    std::string_view words;
  };
  for (const Row& row : {Row{0x01, Errc::unsupported, "invalid command opcode (01h)"},
                         Row{0x02, Errc::unsupported, "invalid field in command (02h)"},
                         Row{0x1C, Errc::permission, "sanitize failed (1Ch)"},
                         Row{0x1D, Errc::busy, "sanitize in progress (1Dh)"},
                         Row{0x15, Errc::permission, "operation denied (15h)"},
                         Row{0x286, Errc::permission, "access denied (2h/86h)"},
                         Row{0x7C0, Errc::io, "status 7h/C0h"}}) {
    Sanitize world;
    world.subsystem->sanitize_answer = row.status;
    const Status started = world.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == row.code);
    CHECK(started.error().what.find(row.words) != std::string::npos);
    CHECK(world.operation->look().state == OperationState::never);
  }
}

TEST_CASE("nvme: a block is read past the cache by a command of its own") {
  NvmeWorld world;
  world.fill();
  const DriveAbilities abilities = world.survey();
  const auto block = read_block_past_cache(*world.drive, abilities, 5 * 512, 1024);
  REQUIRE(block);
  CHECK(*block == Bytes(1024, std::byte{0xA5}));
  const NvmeCommand& sent = world.subsystem->asking.back();
  CHECK(sent.queue == NvmeCommand::Queue::io);
  CHECK(sent.opcode == 2);
  CHECK(sent.namespace_id == 1);
  CHECK(sent.cdw10 == 5);
  CHECK(sent.cdw11 == 0);
  CHECK(sent.cdw12 == 0x40000001);

  CHECK(read_block_past_cache(*world.drive, abilities, 100, 512).error().code == Errc::invalid);
  CHECK(read_block_past_cache(*world.drive, abilities, 0, 0).error().code == Errc::invalid);
  CHECK(read_block_past_cache(*world.drive, abilities, NvmeWorld::size_bytes, 512).error().code ==
        Errc::io);
  world.subsystem->metadata_bytes = 8;
  CHECK(read_block_past_cache(*world.drive, abilities, 0, 512).error().code == Errc::unsupported);
  world.subsystem->metadata_bytes = 0;
  world.subsystem->without_force_unit_access = true;
  CHECK(read_block_past_cache(*world.drive, abilities, 0, 512).error().code == Errc::unsupported);
}

TEST_CASE("nvme: every namespace of the subsystem is told, also those that nobody sees") {
  NvmeWorld world;
  world.subsystem->allocated = {1, 7};
  CHECK(world.survey().namespaces.empty());  // it does not manage namespaces
  world.subsystem->admin_commands = 2 | 8;
  CHECK(world.survey().namespaces == std::vector<std::uint32_t>{1, 7});
  world.subsystem->allocated.clear();
  for (std::uint32_t number = 1; number <= 1030; ++number)
    world.subsystem->allocated.insert(number);
  CHECK(world.survey().namespaces.size() == 1030);  // more than one list holds
}

TEST_CASE("nvme: a namespace hides nothing, and there is nothing to open up") {
  NvmeWorld world;
  const auto hidden = restore_hidden_area(*world.drive, CommandSet::nvme);
  REQUIRE(hidden);
  CHECK(hidden->present == Answer::no);
  CHECK(hidden->accessible_bytes == NvmeWorld::size_bytes);
  CHECK(hidden->native_bytes == NvmeWorld::size_bytes);
}

}  // namespace
}  // namespace quietus::test
