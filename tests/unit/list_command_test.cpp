// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus list` on a machine in memory: what it prints where, its exit codes, and that it writes
// nothing.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "unit/app_world.h"

namespace quietus::test {
namespace {

struct ListWorld : AppWorld {
  ListWorld() {
    DeviceFacts disk;
    disk.path = "/dev/sdb";
    disk.model = "Example Disk";
    disk.serial = "S1";
    disk.storage = Storage::flash;
    disk.bus = "ata";
    disk.content.emplace();
    memory.add_device(disk, std::string(8192, 'x'));
  }

  void hide_content() { memory.node("/dev/sdb")->device->content.reset(); }
};

TEST_CASE("list shows the devices on standard output and writes nothing") {
  ListWorld world;
  const auto before = world.memory.nodes();
  CHECK(world.run({"list"}) == 0);
  CHECK(world.out.find("/dev/sdb") != std::string::npos);
  CHECK(world.out.find("Example Disk") != std::string::npos);
  CHECK(world.out.find("moj-3r: 3 passes") != std::string::npos);
  CHECK(world.err.empty());
  CHECK(world.memory.nodes() == before);
  CHECK(world.memory.count("open_device_write") == 0);
}

TEST_CASE("list --json: one line a device, with what the default scheme would take") {
  ListWorld world;
  DeviceFacts second;
  second.path = "/dev/sdc";
  world.memory.add_device(second, std::string(512, 'y'));
  CHECK(world.run({"list", "--json"}) == 0);
  std::istringstream in(world.out);
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  REQUIRE(lines.size() == 2);
  CHECK(lines[0]["event"] == "device");
  CHECK(lines[0]["path"] == "/dev/sdb");
  CHECK(lines[1]["path"] == "/dev/sdc");
  CHECK(lines[0]["takes"]["scheme"] == "moj-3r");
  CHECK(lines[0]["takes"]["bytes_to_write"] == 3 * 8192);
  CHECK(lines[0]["takes"]["bytes_to_read"] == 8192);
}

TEST_CASE("list says what root would add, to others than root and only where it would") {
  const std::string hint = "hint: run as root to see what is on the drives\n";
  ListWorld world;
  world.memory.account_facts.uid = 1000;
  CHECK(world.run({"list"}) == 0);
  CHECK(world.err.empty());
  world.hide_content();
  CHECK(world.run({"list"}) == 0);
  CHECK(world.err == hint);
  CHECK(world.run({"list", "--json"}) == 0);
  CHECK(world.err == hint);
  CHECK(nlohmann::json::parse(world.out)["root_would_add"] == nlohmann::json{"content"});
  CHECK(world.run({"list", "--quiet"}) == 0);
  CHECK(world.err.empty());
  CHECK(world.out.find("/dev/sdb") != std::string::npos);
  world.memory.account_facts.uid = 0;
  CHECK(world.run({"list"}) == 0);
  CHECK(world.err.empty());
}

TEST_CASE("list on a machine without devices says so") {
  AppWorld world;
  CHECK(world.run({"list"}) == 0);
  CHECK(world.out.find("no block devices") != std::string::npos);
  CHECK(world.run({"list", "--json"}) == 0);
  CHECK(world.out.empty());
}

TEST_CASE("list fails where the system does not tell its devices") {
  for (const bool json : {false, true}) {
    ListWorld world;
    world.platform.faults().fail_at = 1;
    world.platform.faults().counts = [](std::string_view name) {
      return name == "platform.devices";
    };
    CHECK(world.run(json ? std::vector<std::string>{"list", "--json"}
                         : std::vector<std::string>{"list"}) == 1);
    CHECK(world.out.empty());
    CHECK(world.err.starts_with("error: cannot list the devices: "));
  }
}

TEST_CASE("list takes no operand") {
  ListWorld world;
  CHECK(world.run({"list", "/dev/sdb"}) == 2);
  CHECK(world.out.empty());
}

}  // namespace
}  // namespace quietus::test
