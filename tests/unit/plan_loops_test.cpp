// SPDX-License-Identifier: GPL-3.0-or-later
// Two loop devices over one file or device: what one of them shows says nothing of who uses the
// other, and to write one writes both.
#include "drive_world.h"

namespace quietus::test {
namespace {

using Objects = std::set<std::string>;

TEST_CASE("a loop device whose file another one is attached to is refused") {
  DriveWorld world;
  world.platform.add_file("/image", "content");
  world.platform.add_file("/other", "content");
  world.add_loop("loop0", "/image");
  world.add_loop("loop1", "/image").uses = {{DeviceUse::Kind::mount, "loop1", "/mnt"}};
  world.add_loop("loop2", "/other");
  const Plan plan = world.make({"/dev/loop0", "/dev/loop2"});
  CHECK(refused_objects(plan, "loop_backing_file") == Objects{"/dev/loop0"});
  REQUIRE(plan.targets.size() == 1);
  CHECK(plan.targets[0].roots[0].path == "/dev/loop2");
  REQUIRE_FALSE(plan.findings.empty());
  CHECK(plan.findings[0].hint == "losetup -d /dev/loop1 detaches it");
}

TEST_CASE("loop devices over parts of one disk that overlap are refused, over others not") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.add_partition("sdb1", "sdb", {0, 4096});
  world.add_partition("sdb2", "sdb", {4096, 4096});
  world.add_loop("loop0", "/dev/sdb1");
  world.add_loop("loop1", "/dev/sdb2");
  CHECK(world.make({"/dev/loop0"}).findings.empty());
  world.add_loop("loop2", "/dev/sdb");
  CHECK(codes_of(world.make({"/dev/loop0"}).findings) == Codes{"loop_backing_file"});
}

TEST_CASE("two loop devices over one file overlap; two partitions of one of them do not") {
  DriveWorld world;
  world.platform.add_file("/image", "content");
  world.add_loop("loop0", "/image");
  world.add_partition("loop0p1", "loop0", {0, 2048});
  world.add_partition("loop0p2", "loop0", {2048, 2048});
  const Plan parts = world.make({"/dev/loop0p1", "/dev/loop0p2"});
  CHECK(parts.findings.empty());
  CHECK(parts.targets.size() == 2);
  world.add_loop("loop1", "/image");
  const Plan plan = world.make({"/dev/loop0p1", "/dev/loop1"});
  CHECK(refused_objects(plan, "overlapping_targets") == Objects{"/dev/loop0p1", "/dev/loop1"});
  CHECK(plan.targets.empty());
}

TEST_CASE("loop devices whose files are gone are not taken for one") {
  DriveWorld world;
  world.add_loop("loop0", "/gone (deleted)");
  world.add_loop("loop1", "/lost (deleted)");
  CHECK(world.make({"/dev/loop0"}).findings.empty());
}

}  // namespace
}  // namespace quietus::test
