// SPDX-License-Identifier: GPL-3.0-or-later
// Plans for block devices: each interlock by its code, what overlaps, what changed, and the plan as
// text and JSON. Making a plan opens, claims and writes no device.
#include <doctest/doctest.h>
#include <functional>
#include <nlohmann/json.hpp>

#include "quietus/examine.h"
#include "quietus/report.h"

#include "drive_world.h"
#include "report/result_text.h"
#include "support/fault_platform.h"

namespace quietus::test {
namespace {

using Level = Finding::Level;
using Objects = std::set<std::string>;

struct Interlock {
  std::string code;
  Level level = Level::refusal;
  std::string text;  ///< part of what is said
  std::function<void(DriveWorld&)> set_up;
};

void use(DriveWorld& world, DeviceUse one) { world.facts("sdb").uses.push_back(std::move(one)); }

void sign(DriveWorld& world, const std::string& usage, const std::string& type) {
  world.facts("sdb").content->push_back({usage, type, "", "", 0});
}

const std::vector<Interlock> kInterlocks{
    {"system_disk", Level::refusal, "holds the root file system and holds /boot",
     [](DriveWorld& w) {
       w.facts("sdb").system_roles = {"holds the root file system", "holds /boot"};
     }},
    {"mounted", Level::refusal, "sdb is mounted on /mnt",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::mount, "sdb", "/mnt"});
     }},
    {"mounted", Level::refusal, "sdb1 is mounted on /mnt",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::mount, "sdb1", "/mnt"});
     }},
    {"active_swap", Level::refusal, "sdb2 is used as swap",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::swap, "sdb2", "/dev/sdb2"});
     }},
    {"in_use_by_holder", Level::refusal, "dm-0 stands on sdb1, md7 stands on dm-0",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::holder, "sdb1", "dm-0"});
       use(w, {DeviceUse::Kind::holder, "dm-0", "md7"});
     }},
    {"raid_member", Level::refusal, "linux_raid_member",
     [](DriveWorld& w) { sign(w, "raid", "linux_raid_member"); }},
    {"raid_member", Level::refusal, "drbd", [](DriveWorld& w) { sign(w, "raid", "drbd"); }},
    {"raid_member", Level::refusal, "zfs_member",
     [](DriveWorld& w) { sign(w, "filesystem", "zfs_member"); }},
    {"raid_member", Level::refusal, "bcache", [](DriveWorld& w) { sign(w, "other", "bcache"); }},
    {"raid_member", Level::refusal, "LVM2_member",
     [](DriveWorld& w) { sign(w, "", "LVM2_member"); }},
    {"raid_member", Level::refusal, "LVM2_member",
     [](DriveWorld& w) {
       w.add_partition("sdb1", "sdb", {4096, 4096}).content = {{"raid", "LVM2_member", "", "", 0}};
     }},
    {"raid_member", Level::warning, "LVM2_member",
     [](DriveWorld& w) {
       sign(w, "raid", "LVM2_member");
       w.request.rules.allow_member = true;
     }},
    {"content_unknown", Level::refusal, "no permission",
     [](DriveWorld& w) {
       w.facts("sdb").content.reset();
       w.facts("sdb").content_unknown = "no permission";
     }},
    {"content_unknown", Level::refusal, "sdb1: I/O error",
     [](DriveWorld& w) {
       DeviceFacts& part = w.add_partition("sdb1", "sdb", {4096, 4096});
       part.content.reset();
       part.content_unknown = "I/O error";
     }},
    {"content_unknown", Level::warning, "can't be told",
     [](DriveWorld& w) {
       w.facts("sdb").content.reset();
       w.request.rules.allow_member = true;
     }},
    {"loop_backing_file", Level::refusal, "/dev/loop0",
     [](DriveWorld& w) { w.add_loop("loop0", "/dev/sdb"); }},
    {"loop_backing_file", Level::refusal, "/dev/loop0",
     [](DriveWorld& w) {
       w.add_partition("sdb1", "sdb", {4096, 4096});
       w.add_loop("loop0", "/dev/sdb1");
     }},
    {"locked", Level::refusal, "another quietus works on it: quietus (pid 7)",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::lock, "sdb", "quietus (pid 7)"});
     }},
    {"locked", Level::refusal, "is locked by mkfs (pid 8)",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::lock, "sdb", "mkfs (pid 8)"});
     }},
    {"claimed", Level::refusal, "is claimed by another program",
     [](DriveWorld& w) {
       use(w, {DeviceUse::Kind::claim, "sdb", ""});
     }},
    {"read_only", Level::refusal, "is read-only",
     [](DriveWorld& w) { w.facts("sdb").read_only = true; }},
    {"zero_size", Level::refusal, "0 bytes",
     [](DriveWorld& w) { w.platform.node("/dev/sdb")->content.clear(); }},
    {"zoned_host_managed", Level::refusal, "zone order",
     [](DriveWorld& w) { w.facts("sdb").zoned = "host-managed"; }},
    {"zoned_host_aware", Level::warning, "zones",
     [](DriveWorld& w) { w.facts("sdb").zoned = "host-aware"; }},
    {"flash_medium", Level::warning, "clear at most",
     [](DriveWorld& w) { w.facts("sdb").storage = Storage::flash; }},
    {"virtual_medium", Level::warning, "may keep copies",
     [](DriveWorld& w) { w.facts("sdb").storage = Storage::virtual_; }},
    {"hidden_area_unknown", Level::warning, "can't address",
     [](DriveWorld& w) { w.facts("sdb").hidden_area = HiddenArea::unknown; }},
    {"own_state", Level::refusal, "holds the state folder",
     [](DriveWorld& w) {
       w.request.own_places = {{"/srv/state", "the state folder", true}};
       w.platform.add_mount("/srv", {});
       w.platform.add_file("/srv/state/keys/machine.key", "k");
       w.facts("sdb").number = w.platform.file_system("/srv/state").device;
     }},
    {"own_state", Level::refusal, "lies in the state folder",
     [](DriveWorld& w) {
       w.request.own_places = {{"/srv/state", "the state folder", true}};
       w.platform.add_file("/srv/state/image", "k");
       w.facts("sdb").backing_file = "/srv/state/image";
     }},
};

TEST_CASE("each interlock of a drive answers with its code, and with nothing else") {
  for (const Interlock& interlock : kInterlocks) {
    CAPTURE(interlock.code);
    CAPTURE(interlock.text);
    DriveWorld world;
    world.add(disk("sdb"));
    interlock.set_up(world);
    const std::string before = world.platform.content("/dev/sdb");
    const Plan plan = world.make({"/dev/sdb"});
    CHECK(codes_of(plan.findings) == Codes{interlock.code});
    for (const Finding& finding : plan.findings) {
      CHECK(finding.level == interlock.level);
      CHECK(finding.object == "/dev/sdb");
      CHECK(finding.text.find(interlock.text) != std::string::npos);
      CHECK_FALSE(finding.text.ends_with('.'));
      if (interlock.level == Level::refusal) CHECK_FALSE(finding.hint.empty());
    }
    CHECK(plan.targets.size() == (interlock.level == Level::refusal ? 0 : 1));
    CHECK(world.platform.content("/dev/sdb") == before);
    CHECK(world.platform.count("open_device") == 0);
    CHECK(world.platform.count("open_write") == 0);
  }
}

TEST_CASE("no option allows what the running system stands on") {
  DriveWorld world;
  world.add(disk("sdb")).system_roles = {"holds the root file system"};
  world.request.rules.allow_member = world.request.rules.best_effort = true;
  CHECK(codes_of(world.make({"/dev/sdb"}).findings) == Codes{"system_disk"});
}

TEST_CASE("every mount is told, and what stands on a drive is taken down from the top") {
  DriveWorld world;
  world.add(disk("sdb")).uses = {{DeviceUse::Kind::holder, "sdb1", "dm-0"},
                                 {DeviceUse::Kind::holder, "dm-0", "md7"},
                                 {DeviceUse::Kind::mount, "md7", "/a"},
                                 {DeviceUse::Kind::mount, "md7", "/b"}};
  const Plan plan = world.make({"/dev/sdb"});
  REQUIRE(plan.findings.size() == 3);
  CHECK(plan.findings[0].hint == "umount /a");
  CHECK(plan.findings[1].hint == "umount /b");
  const std::string& hint = plan.findings[2].hint;
  CHECK(hint.find("mdadm --stop") < hint.find("cryptsetup close"));
}

TEST_CASE("a drive with nothing against it is a target of its own, with all its facts") {
  DriveWorld world;
  const DeviceFacts facts = world.add(disk("sdb"));
  world.platform.add_symlink("/dev/disk/by-id/ata-b", "../../sdb");
  world.platform.add_file("/image", "content");
  const Plan plan = world.make({"/dev/disk/by-id/ata-b", "/image"});
  CHECK(plan.findings.empty());
  REQUIRE(plan.targets.size() == 2);
  CHECK(plan.targets[0].kind == TargetKind::drive);
  CHECK(plan.targets[1].kind == TargetKind::image);
  const Root& root = plan.targets[0].roots.at(0);
  CHECK(root.path == "/dev/disk/by-id/ata-b");
  CHECK(root.kind == NodeKind::block_device);
  CHECK(root.identity == Identity{facts.number, 5, 0});
  CHECK(root.size_bytes == 8192);
  REQUIRE(root.device);
  CHECK(root.device->serial == "SERIAL-sdb");
}

TEST_CASE(
    "for `files` a block device stays refused, and nothing is asked of the machine's drives") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.request.kind = TargetKind::files;
  const Plan plan = world.make({"/dev/sdb"});
  CHECK(codes_of(plan.findings) == Codes{"device_node"});
  CHECK(plan.findings.at(0).hint == "use `quietus drives`");
  CHECK(world.platform.count("inspect_device") == 0);
}

TEST_CASE("what can't be looked at is refused, and leads to nobody's other drive") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.platform.add_symlink("/dev/disk/by-id/gone", "../../sdz");
  world.platform.add_symlink("/image_link", "/image");
  world.platform.add_file("/image", "content");
  world.platform.add_node("/dev/null", NodeKind::character_device);
  const std::vector<std::pair<std::string, std::string>> rows{
      {"/dev/sdz", "not_found"},
      {"/dev/disk/by-id/gone", "not_found"},
      {"", "not_found"},
      {"*", "not_found"},
      {"/dev/*", "not_found"},
      {"/dev/sd?", "not_found"},
      {"all", "not_found"},
      {"/dev/all", "not_found"},
      {"/dev", "is_directory"},
      {"/dev/", "is_directory"},
      {"/", "is_directory"},
      {".", "is_directory"},
      {"/dev/disk", "is_directory"},
      {"/dev/disk/by-id/", "is_directory"},
      {"/dev/null", "device_node"},
      {"/image_link", "is_symlink"},
      {"sdb", "not_found"},
      {"SERIAL-sdb", "not_found"},
  };
  for (const auto& row : rows) {
    const auto& path = row.first;
    const auto& code = row.second;
    CAPTURE(path);
    world.request.rules.recursive = true;
    const Plan plan = world.make({path});
    CHECK(refused_objects(plan, code) == Objects{path});
    CHECK(plan.targets.empty());
  }
  CHECK(world.make({}).targets.empty());
}

TEST_CASE("where the machine's devices can't be listed, no drive is a target, and images may be") {
  for (const Errc code : {Errc::unsupported, Errc::io}) {
    DriveWorld world;
    world.add(disk("sdb"));
    world.platform.add_file("/image", "content");
    FaultPlatform faulty(world.platform);
    faulty.faults().code = code;
    faulty.faults().fail_at = 1;
    faulty.faults().counts = [](std::string_view name) { return name == "platform.devices"; };
    world.request.paths = {"/dev/sdb", "/image"};
    const Plan plan = make_plan(world.request, faulty);
    const bool system_tells_none = code == Errc::unsupported;
    CHECK(refused_objects(plan, "devices_unknown") ==
          (system_tells_none ? Objects{"/dev/sdb"} : Objects{"/dev/sdb", "/image"}));
    CHECK(plan.targets.size() == (system_tells_none ? 1 : 0));
  }
}

struct OverlapRow {
  std::string code;
  std::vector<std::string> paths;
};

TEST_CASE("defect 37: one drive by two names, or a part of it, is refused under both") {
  const std::vector<OverlapRow> rows{
      {"duplicate_target", {"/dev/sdb", "/dev/disk/by-id/b"}},
      {"duplicate_target", {"/dev/sdb", "/dev/../dev/sdb"}},
      {"overlapping_targets", {"/dev/sdb", "/dev/sdb1"}},
      {"overlapping_targets", {"/dev/sdb1", "/dev/disk/by-id/b"}},
      {"overlapping_targets", {"/dev/sdb1", "/dev/sdb2"}},
      {"overlapping_targets", {"/dev/loop0", "/image"}},
      {"overlapping_targets", {"/image", "/dev/loop0"}},
      {"overlapping_targets", {"/dev/loop0p1", "/image"}},
      {"overlapping_targets", {"/dev/loop1", "/dev/sdc"}},
      {"overlapping_targets", {"/dev/dm-0", "/dev/sdd"}},
      {"overlapping_targets", {"/dev/sdd", "/dev/dm-0"}},
      {"", {"/dev/sdb1", "/dev/sdb3"}},
      {"", {"/dev/sdb", "/other"}},
  };
  for (const OverlapRow& row : rows) {
    CAPTURE(row.paths[0]);
    CAPTURE(row.paths[1]);
    DriveWorld world;
    for (const char* name : {"sdb", "sdc", "sdd"}) world.add(disk(name));
    world.platform.add_symlink("/dev/disk/by-id/b", "../../sdb");
    world.add_partition("sdb1", "sdb", {0, 4096});
    world.add_partition("sdb2", "sdb", {2048, 4096});
    world.add_partition("sdb3", "sdb", {4096, 4096});
    world.platform.add_file("/image", "content");
    world.platform.add_file("/other", "content");
    world.add_loop("loop0", "/image");
    world.add_loop("loop1", "/dev/sdc");
    world.add_partition("loop0p1", "loop0", {512, 1024});
    world.add(plain_disk("dm-0"));
    world.facts("sdd").uses = {{DeviceUse::Kind::holder, "sdd", "dm-0"}};
    const Plan plan = world.make(row.paths);
    if (row.code.empty()) {
      CHECK(plan.findings.empty());
      CHECK(plan.targets.size() == 2);
    } else {
      CHECK(refused_objects(plan, row.code) == Objects(row.paths.begin(), row.paths.end()));
      CHECK(plan.targets.empty());
    }
  }
}

TEST_CASE("a drive named twice is refused, the others stay") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.add(disk("sdc"));
  const Plan plan = world.make({"/dev/sdb", "/dev/sdc", "/dev/sdb"});
  CHECK(codes_of(plan.findings) == Codes{"duplicate_target"});
  REQUIRE(plan.targets.size() == 1);
  CHECK(plan.targets[0].roots[0].path == "/dev/sdc");
}

TEST_CASE("an image that a loop device is attached to is found by what it is, not by its name") {
  DriveWorld world;
  world.platform.add_file("/d/image", "content");
  world.platform.add_bind_mount("/d", "/bound");
  world.platform.add_file("/other/image", "content");
  world.add_loop("loop0", "/d/image");
  CHECK(codes_of(world.make({"/bound/image"}).findings) == Codes{"loop_backing_file"});
  CHECK(world.make({"/other/image"}).findings.empty());
}

TEST_CASE("our own state on what stands on a drive, or on a partition, is found") {
  for (const bool on_partition : {true, false}) {
    DriveWorld world;
    world.add(disk("sdb"));
    world.request.own_places = {{"/srv/not/yet", "the state folder", true}};
    const std::uint64_t number = world.platform.add_mount("/srv", {}).device;
    if (on_partition) {
      world.add_partition("sdb1", "sdb", {0, 4096}).number = number;
    } else {
      world.add(plain_disk("dm-0")).number = number;
      world.facts("sdb").uses = {{DeviceUse::Kind::holder, "sdb1", "dm-0"}};
    }
    CHECK(refused_objects(world.make({"/dev/sdb"}), "own_state") == Objects{"/dev/sdb"});
  }
}

TEST_CASE("a partition of the system's disk is told to be one") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.add_partition("sdb1", "sdb", {0, 4096});
  world.facts("sdb").system_roles = {"holds the root file system"};
  const Plan plan = world.make({"/dev/sdb1"});
  CHECK(codes_of(plan.findings) == Codes{"on_system_disk"});
  CHECK_FALSE(plan.refused());
}

TEST_CASE("defects 13, 14: a drive that is another, or has changed, since the plan is found") {
  struct Row {
    std::string text;
    std::function<void(DriveWorld&)> change;
  };
  const std::vector<Row> rows{
      {"", [](DriveWorld&) {}},
      {"",
       [](DriveWorld& w) {
         w.facts("sdb").content = {{"filesystem", "ext4", "", "", 0}};
       }},
      {"", [](DriveWorld& w) { w.facts("sdb").sequence = 0; }},
      {"another device", [](DriveWorld& w) { w.facts("sdb").number += 1; }},
      {"was removed", [](DriveWorld& w) { w.facts("sdb").sequence = 6; }},
      {"its serial was SERIAL-sdb and is X", [](DriveWorld& w) { w.facts("sdb").serial = "X"; }},
      {"its WWN was naa.5000sdb and is none", [](DriveWorld& w) { w.facts("sdb").wwn.clear(); }},
      {"its size was 8192 and is 4096",
       [](DriveWorld& w) { w.platform.node("/dev/sdb")->content.resize(4096); }},
      {"/dev/sdb", [](DriveWorld& w) { w.platform.remove("/dev/sdb"); }},
      {"block device",
       [](DriveWorld& w) {
         w.platform.remove("/dev/sdb");
         w.platform.add_file("/dev/sdb", std::string(8192, 'x'));
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    DriveWorld world;
    world.add(disk("sdb"));
    const Plan plan = world.make({"/dev/sdb"});
    row.change(world);
    const std::vector<Finding> changed = recheck(plan, world.platform);
    CHECK(codes_of(changed) == (row.text.empty() ? Codes{} : Codes{"changed"}));
    if (!changed.empty()) CHECK(changed[0].text.find(row.text) != std::string::npos);
  }
}

std::string text_of(const Plan& plan) {
  std::string text;
  for (const std::string& line : lines_of(plan)) text += line + "\n";
  return text;
}

TEST_CASE("the plan's text shows of each drive what is on its label and what is on it") {
  DriveWorld world;
  DeviceFacts& drive = world.add(disk("sdb"));
  drive.content = {{"partition_table", "gpt", "", "", 512}};
  drive.stable_path = "/dev/disk/by-id/ata-b";
  world.add_partition("sdb1", "sdb", {4096, 4096}).content = {
      {"filesystem", "ext4", "home", "", 1080}};
  world.platform.add_file("/image", "content");
  world.add_loop("loop0", "/image").backing_is_buffered = true;
  const std::string text = text_of(world.make({"/dev/sdb", "/dev/loop0"}));
  for (const char* part :
       {"/dev/sdb (disk): overwritten; sanitized only as far as", "also: /dev/disk/by-id/ata-b",
        "model: Model of sdb", "serial: SERIAL-sdb (from sysfs)", "WWN: naa.5000sdb",
        "size: 8192 bytes (8 KiB)", "bus: ata, storage: rotational", "gpt", "ext4", "home",
        "/dev/loop0 (loop)", "serial: no serial", "WWN: no WWN",
        "attached to: /image, through the system's cache"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
}

TEST_CASE("the plan's text says how much a sample reads back") {
  DriveWorld world;
  world.add(disk("sdb"));
  world.request.rules.verify = VerifyMode::sample;
  world.request.rules.sample_ppm = 12'500;
  CHECK(text_of(world.make({"/dev/sdb"})).find("sample: at least 1.2500 %") != std::string::npos);
}

TEST_CASE("foreign text of a drive is harmless in the plan's text and JSON") {
  const std::string hostile = "\x1b[2J\n\xff\xe2\x80\xae";
  DriveWorld world;
  DeviceFacts& drive = world.add(disk("sdb"));
  drive.model = drive.serial = drive.wwn = drive.bus = drive.stable_path = hostile;
  drive.vendor = drive.firmware = drive.zoned = drive.backing_file = hostile;
  drive.content = {{hostile, hostile, hostile, hostile, 0}};
  const Plan plan = world.make({"/dev/sdb"});
  REQUIRE(plan.targets.size() == 1);
  CHECK(nlohmann::json::accept(to_json(plan)));
  for (const std::string& line : lines_of(plan)) {
    CHECK(line.find_first_of("\x1b\n\xff") == std::string::npos);
  }
}

TEST_CASE("the plan's JSON holds a drive's identity, and the digest's text changes with each") {
  DriveWorld world;
  world.add(disk("sdb")).content = {{"filesystem", "ext4", "home", "u-1", 1080}};
  const Plan plan = world.make({"/dev/sdb"});
  const auto json = nlohmann::json::parse(to_json(plan));
  CHECK(json["targets"][0]["kind"] == "drive");
  const auto& drive = json["targets"][0]["roots"][0]["drive"];
  CHECK(drive["serial"] == "SERIAL-sdb");
  CHECK(drive["wwn"] == "naa.5000sdb");
  CHECK(drive["size_bytes"] == 8192);
  CHECK(drive["kind"] == "disk");
  CHECK(drive["storage"] == "rotational");
  CHECK(drive["hidden_area"] == "none");
  CHECK(drive["place"]["length_bytes"] == 8192);
  CHECK(drive["signatures"][0]["type"] == "ext4");
  CHECK(drive["signatures"][0]["offset_bytes"] == 1080);
  const std::vector<std::function<void(Rules&, DeviceFacts&)>> changes{
      [](Rules&, DeviceFacts&) {},
      [](Rules& r, DeviceFacts&) { r.sample_ppm = 7; },
      [](Rules& r, DeviceFacts&) { r.allow_member = true; },
      [](Rules& r, DeviceFacts&) { r.stall_timeout_s = 7; },
      [](Rules& r, DeviceFacts&) { r.minimum_bytes_per_second = 7; },
      [](Rules&, DeviceFacts& d) { d.path = "/dev/x"; },
      [](Rules&, DeviceFacts& d) { d.stable_path = "x"; },
      [](Rules&, DeviceFacts& d) { d.name = "x"; },
      [](Rules&, DeviceFacts& d) { d.disk = "x"; },
      [](Rules&, DeviceFacts& d) { d.model = "x"; },
      [](Rules&, DeviceFacts& d) { d.serial = "x"; },
      [](Rules&, DeviceFacts& d) { d.serial_source = "x"; },
      [](Rules&, DeviceFacts& d) { d.wwn = "x"; },
      [](Rules&, DeviceFacts& d) { d.firmware = "x"; },
      [](Rules&, DeviceFacts& d) { d.bus = "x"; },
      [](Rules&, DeviceFacts& d) { d.kind = DeviceKind::raid; },
      [](Rules&, DeviceFacts& d) { d.storage = Storage::flash; },
      [](Rules&, DeviceFacts& d) { d.hidden_area = HiddenArea::unknown; },
      [](Rules&, DeviceFacts& d) { d.size_bytes = 7; },
      [](Rules&, DeviceFacts& d) { d.logical_block_bytes = 4096; },
      [](Rules&, DeviceFacts& d) { d.physical_block_bytes = 4096; },
      [](Rules&, DeviceFacts& d) { d.place.offset = 7; },
      [](Rules&, DeviceFacts& d) { d.content->clear(); },
      [](Rules&, DeviceFacts& d) { d.content.reset(); },
  };
  std::set<std::string> texts;
  for (const auto& change : changes) {
    Plan changed = plan;
    change(changed.rules, *changed.targets[0].roots[0].device);
    texts.insert(to_json(changed));
  }
  CHECK(texts.size() == changes.size());
}

}  // namespace
}  // namespace quietus::test
